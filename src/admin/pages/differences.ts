import type { Difference } from '../../audit/difference.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { messages } from '../../web/messages/index.ts';

/** What was and what is, or would be, place by place: said in words, for neither colour nor a line is for everybody. */
export function differenceList(
  language: Language,
  found: readonly Difference[],
  nameOf: (path: string) => string | undefined = () => undefined,
): Html {
  const { differences: text } = consoleMessages[language];
  return html`<dl class="released-data">
    ${found.map(({ path, before, after }) => {
      const whole = before === undefined || after === undefined;
      const name = nameOf(path);
      return html`<div>
        <dt>${name === undefined ? html`<span translate="no">${path}</span>` : name}</dt>
        <dd>
          ${before !== undefined && html`${whole ? text.gone : text.before}: <del translate="no">${value(before)}</del>`}
          ${whole ? undefined : html`<br />`}
          ${after !== undefined && html`${whole ? text.come : text.after}: <ins translate="no">${value(after)}</ins>`}
        </dd>
      </div>`;
    })}
  </dl>`;
}

/** What is there, place by place. */
export function placeList(found: readonly Difference[]): Html {
  return html`<dl class="released-data">
    ${found.map(
      ({ path, after = '' }) =>
        html`<div>
          <dt translate="no">${path}</dt>
          <dd translate="no">${value(after)}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Of a service: places that the form asks for are called as there. */
export function serviceDifferences(language: Language, found: readonly Difference[]): Html {
  const { fields } = consoleMessages[language].services.form;
  const names: Readonly<Record<string, string>> = {
    entity: fields.entity.label,
    'name.it': fields.nameIt.label,
    'name.en': fields.nameEn.label,
    homePage: fields.homePage.label,
    contacts: fields.contacts.label,
    applicationType: fields.applicationType.label,
    redirectUris: fields.redirectUris.label,
    postLogoutRedirectUris: fields.postLogoutRedirectUris.label,
    authMethod: fields.authMethod.label,
    jwksUri: fields.jwksUri.label,
    minimumLevel: fields.minimumLevel.label,
  };
  return differenceList(language, found, (path) => names[path] ?? attributeIn(language, path));
}

/** `attributes.email.purpose.it`: the piece of data in words, then what of it. */
function attributeIn(language: Language, path: string): string | undefined {
  const { form: text } = consoleMessages[language].services;
  const [, attribute = '', part = ''] = /^attributes\.(\w+)\.(.+)$/.exec(path) ?? [];
  const data: Readonly<Record<string, string>> = messages(language).attributes;
  const parts: Readonly<Record<string, string>> = {
    'purpose.it': text.whyIt,
    'purpose.en': text.whyEn,
    'legalBasis.ground': text.basis,
    'legalBasis.law': text.lawShort,
    required: text.indispensable,
  };
  const [name, what] = [data[attribute], parts[part]];
  return name === undefined || what === undefined ? undefined : `${name}: ${what}`;
}

/** A logo is looked at, not read. */
function value(json: string): Html | string {
  const [, image] = /^"(data:image\/png;base64,[\w+/=]+)"$/.exec(json) ?? [];
  return image === undefined ? json : html`<img src="${image}" alt="PNG" />`;
}
