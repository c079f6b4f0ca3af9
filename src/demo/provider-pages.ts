import type { Language } from '../identity/language.ts';
import { LEVELS } from '../identity/level.ts';
import { ATTRIBUTE_NAMES } from '../identity/attributes.ts';
import { descriptionList } from '../web/description-list.ts';
import { html, type Html } from '../web/html.ts';
import { messages } from '../web/messages/index.ts';
import type { AcceptedRequest } from './authn-request.ts';
import { PERSONAS, type Persona } from './personas.ts';
import { providerTexts, USER_ANOMALIES } from './provider-texts.ts';

/** The citizen chooses who to be, or what to do wrong. */
export function personaList(
  language: Language,
  visit: string,
  { organization, level }: AcceptedRequest,
): Html {
  const text = providerTexts(language);
  return html`<p class="lead">${text.asks(organization, messages(language).levels[level])}</p>
    <form method="post" action="/consent">
      <input type="hidden" name="visit" value="${visit}" />
      <ul class="provider-list list-unstyled">
        ${PERSONAS.map(
          ({ user, about }) =>
            html`<li>
              <button class="btn provider-button" type="submit" name="user" value="${user}">${user}</button
              ><span class="small">${about[language]}</span>
            </li>`,
        )}
      </ul>
    </form>
    <h2 class="h4">${text.wrong}</h2>
    <form method="post" action="/answer" class="problem-actions">
      <input type="hidden" name="visit" value="${visit}" />
      ${USER_ANOMALIES.map(
        (nr) =>
          html`<button class="btn btn-outline-primary" type="submit" name="anomaly" value="${nr}">
            ${text.anomalies[nr]}
          </button>`,
      )}
    </form>`;
}

/** What will be sent, and at which level. @param known whether the citizen was recognised by her session */
export function consentForm(
  language: Language,
  visit: string,
  request: AcceptedRequest,
  { user, attributes }: Persona,
  known: boolean,
): Html {
  const text = providerTexts(language);
  const sent = ATTRIBUTE_NAMES.filter((name) => request.attributes.includes(name) && attributes[name]);
  const higher = LEVELS.filter((level) => level > request.level);
  return html`${known && html`<p>${text.known(user)} <a href="/visit/${visit}?other=1">${text.notMe}</a></p>`}
    <p class="lead">
      ${sent.length > 0 ? text.sent(request.organization) : text.nothingSent(request.organization)}
    </p>
    ${descriptionList(sent.map((name) => [messages(language).attributes[name], attributes[name] ?? '']))}
    <form method="post" action="/answer" class="problem-actions">
      <input type="hidden" name="visit" value="${visit}" />
      <button class="btn btn-primary" type="submit" name="user" value="${user}">
        ${text.agree(request.level)}
      </button>
      <button class="btn btn-outline-primary" type="submit" name="anomaly" value="22">
        ${text.disagree}
      </button>
    </form>
    ${
      higher.length > 0 &&
      html`<h2 class="h4">${text.higher}</h2>
        <div class="problem-actions">
          ${higher.map(
            (level) =>
              html`<form method="post" action="/answer">
                <input type="hidden" name="visit" value="${visit}" />
                <input type="hidden" name="level" value="${level}" />
                <button class="btn btn-outline-primary" type="submit" name="user" value="${user}">
                  ${text.agree(level)}
                </button>
              </form>`,
          )}
        </div>`
    }`;
}

/** HTTP-POST binding: the form sends itself, or is sent by hand where no script runs. */
export function sendingForm(
  language: Language,
  action: string,
  fields: Readonly<Record<string, string>>,
  nonce: string,
): Html {
  const text = providerTexts(language);
  return html`<p role="status">${text.backText}</p>
    <form method="post" action="${action}" id="answer">
      ${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      <button class="btn btn-primary" type="submit">${text.goOn}</button>
    </form>
    <script nonce="${nonce}">
      document.getElementById('answer').requestSubmit();
    </script>`;
}
