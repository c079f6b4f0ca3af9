import type { AuditEntry } from '../../audit/entry.ts';
import { clientDifferences } from '../../clients/differences.ts';
import type { Proposal } from '../../clients/proposals.ts';
import type { Developer } from '../../clients/developers.ts';
import type { ClientVersion, RegisteredClient } from '../../clients/registered.ts';
import type { SecretFacts } from '../../clients/secrets.ts';
import { CHECKS, NEXT, isTestState, type Check, type ClientState } from '../../clients/state.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Visit } from '../room.ts';
import { SECRET_DAYS } from '../service-form.ts';
import { auditList, time, timeText } from './audit.ts';
import { configurationList } from './configurations.ts';
import { considered } from '../../web/pages/considered.ts';
import { serviceDifferences } from './differences.ts';
import { select } from './fields.ts';
import { serviceFacts, warningList } from './service-form.ts';

interface ServicePage {
  readonly found: RegisteredClient;
  /** What its body is called. */
  readonly body: string;
  readonly mayChange: boolean;
  /** Form and secrets: also hers who develops the service, until it is approved. */
  readonly mayDevelop: boolean;
  readonly publicUrl: string;
  /** Where a login can be tried; undefined where no test identity provider is there, or none is needed. */
  readonly tryUrl: string | undefined;
  readonly secrets: readonly SecretFacts[];
  readonly missing: readonly Check[];
  readonly versions: readonly ClientVersion[];
  /** A change that waits for a second person. */
  readonly proposal: Proposal | undefined;
  /** Somebody else has to approve that change or, where none waits, that the service goes live. */
  readonly needsAnother: boolean;
  /** Undefined for whoever may not hand it over; without candidates for whoever may only leave it. */
  readonly developers:
    | { readonly current: Developer | undefined; readonly candidates: readonly Developer[] | undefined }
    | undefined;
  /** Whether she may see how far its logins get. */
  readonly mayReadFigures: boolean;
  /** Undefined for whoever may not read the audit trail. */
  readonly entries: readonly AuditEntry[] | undefined;
}

/** States that nobody gets to while something is missing. */
const NEEDS_ALL: readonly ClientState[] = ['waiting', 'live'];

type Shown = Pick<Visit, 'language' | 'session'>;

/** A service: state and what may follow, secrets, what it is registered for, versions, history. */
export function serviceBody(visit: Shown, page: ServicePage): Html {
  const { language } = visit;
  const { services: text, states } = consoleMessages[language];
  const { client, state, origin } = page.found;
  return html`<p class="lead">${states[state]} · <span translate="no">${client.id}</span></p>
    ${origin === 'configuration' ? html`<p>${text.fixed}</p>` : undefined}
    ${
      page.mayReadFigures
        ? html`<p><a href="/admin/logins?service=${client.id}">${text.figures}</a></p>`
        : undefined
    }
    ${page.proposal && proposalSection(visit, page, page.proposal)} ${stateSection(visit, page)}
    ${trySection(visit, page)}
    ${client.authMethod.startsWith('client_secret') ? secretSection(visit, page) : undefined}
    <section aria-labelledby="facts">
      <h2 class="h4" id="facts">${text.facts}</h2>
      ${serviceFacts(language, client, page.body)}
      ${
        page.mayDevelop && origin !== 'configuration' && state !== 'retired'
          ? html`<p><a class="btn btn-outline-primary" href="/admin/services/${client.id}/change">${text.change}</a></p>`
          : undefined
      }
    </section>
    ${developerSection(visit, page)} ${configurationList(language, client, page.publicUrl)}
    ${versionSection(visit, page)}
    ${
      page.entries &&
      html`<section aria-labelledby="history">
        <h2 class="h4" id="history">${text.history}</h2>
        ${auditList(language, page.entries)}
      </section>`
    }`;
}

/** What would change, for whoever has to approve it. */
function proposalSection(
  { language, session }: Shown,
  { found, mayChange, needsAnother }: ServicePage,
  { id, base, client, author, at }: Proposal,
): Html {
  const text = consoleMessages[language].services;
  const path = `/admin/services/${client.id}`;
  const step = (verb: 'approve' | 'withdraw', label: string, style: string) =>
    html`<form method="post" action="${path}/proposals/${id}/${verb}">
      <input type="hidden" name="csrf" value="${session.csrf}" />
      <button class="btn ${style}" type="submit">${label}</button>
    </form>`;
  const current = base === found.version;
  return html`<section aria-labelledby="proposal" class="console-warnings">
    <h2 class="h4" id="proposal">${text.proposal}</h2>
    <p>${text.proposalBy(author)} ${time(language, at)}</p>
    <p>${!current ? text.proposalOutdated : mayChange && needsAnother ? text.proposalOwn : text.proposalHint}</p>
    ${serviceDifferences(language, clientDifferences(found.client, client))}
    ${warningList(language, client, found.client)}
    ${
      mayChange
        ? html`<div class="problem-actions">
            ${current && !needsAnother ? step('approve', text.approveProposal, 'btn-primary') : undefined}
            ${step('withdraw', text.withdrawProposal, 'btn-outline-primary')}
            <a class="btn btn-outline-primary" href="${path}/change?proposal=${id}">${text.takeUpProposal}</a>
          </div>`
        : undefined
    }
  </section>`;
}

function stateSection({ language, session }: Shown, page: ServicePage): Html | undefined {
  const { found, missing, mayChange, mayDevelop, proposal } = page;
  const text = consoleMessages[language].services;
  const { state } = found;
  const own = page.needsAnother && proposal === undefined;
  const next = NEXT[state]
    .filter((to) => mayChange || (mayDevelop && isTestState(to)))
    .filter((to) => !NEEDS_ALL.includes(to) || missing.length === 0)
    .filter((to) => to !== 'live' || !own);
  const labelOf = (to: ClientState) =>
    state === 'suspended' && to === 'live' ? text.resume : text.steps[to];
  const listed = state !== 'live' && state !== 'retired';
  if (!listed && next.length === 0) return undefined;
  return html`<section aria-labelledby="state">
    <h2 class="h4" id="state">${text.state}</h2>
    ${
      listed
        ? html`<p>${text.checklist}</p>
            <ul class="list-unstyled">
              ${CHECKS.map(
                (check) =>
                  html`<li>${missing.includes(check) ? text.isMissing : text.isThere} ${text.checks[check]}</li>`,
              )}
            </ul>`
        : undefined
    }
    ${isTestState(state) && mayChange && next.includes('live') ? warningList(language, found.client, undefined) : undefined}
    ${own && mayChange && NEXT[state].includes('live') && missing.length === 0 ? html`<p>${text.liveByAnother} ${state === 'test' ? text.askForIt : undefined}</p>` : undefined}
    ${
      next.every(isConsidered)
        ? undefined
        : html`<div class="problem-actions">
            ${next.filter((to) => !isConsidered(to)).map((to) => stateForm({ session, found }, to, labelOf(to)))}
          </div>`
    }
    ${next.filter(isConsidered).map((to) =>
      considered({
        label: text.steps[to],
        consequence: text.consequences[to],
        form: stateForm({ session, found }, to, text.steps[to]),
      }),
    )}
  </section>`;
}

/** What nobody undoes, or citizens meet at once. */
function isConsidered(to: ClientState): to is 'suspended' | 'retired' {
  return to === 'suspended' || to === 'retired';
}

function stateForm(
  { session, found }: Pick<Shown, 'session'> & Pick<ServicePage, 'found'>,
  to: ClientState,
  label: string,
): Html {
  const style = to === 'live' || isConsidered(to) ? 'btn-primary' : 'btn-outline-primary';
  return html`<form method="post" action="/admin/services/${found.client.id}/state">
    <input type="hidden" name="csrf" value="${session.csrf}" />
    <input type="hidden" name="version" value="${found.version}" />
    <button class="btn ${style}" type="submit" name="state" value="${to}">${label}</button>
  </form>`;
}

/** The whole way of a citizen, with a test identity provider, up to the service's first return address. */
function trySection({ language }: Shown, { found, tryUrl }: ServicePage): Html | undefined {
  const text = consoleMessages[language].services;
  if (!isTestState(found.state) || found.client.protocol?.withoutCitizens) return undefined;
  return html`<section aria-labelledby="try">
    <h2 class="h4" id="try">${text.try}</h2>
    ${
      tryUrl === undefined
        ? html`<p>${text.tryWithout}</p>`
        : html`<p>${text.tryHint}</p>
            <p>
              <a class="btn btn-outline-primary" href="${tryUrl}">${text.tryNow}</a>
              <a class="btn btn-outline-primary" href="${found.client.homePage}">${text.tryHome}</a>
            </p>`
    }
  </section>`;
}

function secretSection({ language, session }: Shown, { found, secrets, mayDevelop }: ServicePage): Html {
  const text = consoleMessages[language].services;
  const { id } = found.client;
  const hers = mayDevelop && found.origin !== 'configuration';
  return html`<section aria-labelledby="secrets">
    <h2 class="h4" id="secrets">${text.secrets}</h2>
    <p>${text.secretsHint}</p>
    <ul class="console-list list-unstyled">
      ${secrets.map(
        (secret) =>
          html`<li>
            <p>
              ${text.since} ${time(language, secret.created)} ·
              ${secret.lastUsed ? html`${text.lastUsed} ${time(language, secret.lastUsed)}` : text.neverUsed}
              ${secret.expires && html`· ${text.endsAt} ${time(language, secret.expires)}`}
            </p>
            ${
              hers && secrets.length > 1
                ? considered({
                    label: text.endSecret,
                    of: timeText(language, secret.created),
                    consequence: secret.lastUsed ? text.endSecretUsed : text.endSecretUnused,
                    form: html`<form method="post" action="/admin/services/${id}/secrets/${secret.id}/end">
                      <input type="hidden" name="csrf" value="${session.csrf}" />
                      <button class="btn btn-primary" type="submit">${text.endSecret}</button>
                    </form>`,
                  })
                : undefined
            }
          </li>`,
      )}
    </ul>
    ${
      hers
        ? html`<form method="post" action="/admin/services/${id}/secrets">
            <input type="hidden" name="csrf" value="${session.csrf}" />
            ${select({
              name: 'days',
              label: text.secretDays,
              value: '',
              options: daysOffered(text, text.noEnd, SECRET_DAYS.own),
            })}
            ${select({
              name: 'othersDays',
              label: text.othersDays,
              value: '',
              options: daysOffered(text, text.byHand, SECRET_DAYS.others),
            })}
            <button class="btn btn-outline-primary" type="submit">${text.addSecret}</button>
          </form>`
        : undefined
    }
  </section>`;
}

/** Who develops it, and to whom it passes. */
function developerSection(
  { language, session }: Shown,
  { found, developers }: ServicePage,
): Html | undefined {
  if (!developers) return undefined;
  const text = consoleMessages[language].services.developer;
  const { current, candidates } = developers;
  return html`<section aria-labelledby="developer">
    <h2 class="h4" id="developer">${text.title}</h2>
    <p>${candidates ? (current ? text.is(current.name) : text.isNobody) : text.isYou}</p>
    ${candidates?.length === 0 ? html`<p>${text.noCandidates}</p>` : undefined}
    ${
      candidates?.length === 0
        ? undefined
        : html`<p>${candidates ? text.hint : text.leaveHint}</p>
            <form method="post" action="/admin/services/${found.client.id}/developer">
              <input type="hidden" name="csrf" value="${session.csrf}" />
              <input type="hidden" name="version" value="${found.version}" />
              ${
                candidates &&
                select({
                  name: 'developer',
                  label: text.next,
                  value: current?.id ?? '',
                  options: [
                    ['', text.nobody] as const,
                    ...candidates.map(({ id, name }) => [id, name || text.unnamed] as const),
                  ],
                })
              }
              <button class="btn btn-outline-primary" type="submit">${candidates ? text.handOver : text.leave}</button>
            </form>`
    }
  </section>`;
}

function daysOffered(
  text: (typeof consoleMessages)[Visit['language']]['services'],
  never: string,
  offered: readonly number[],
): (readonly [string, string])[] {
  return [['', never], ...offered.map((days) => [String(days), text.inDays(days)] as const)];
}

function versionSection(visit: Shown, page: ServicePage): Html | undefined {
  const { language } = visit;
  const { found, versions, mayChange } = page;
  const { services: text, states } = consoleMessages[language];
  const { version, origin } = found;
  if (versions.length === 0) return undefined;
  return html`<section aria-labelledby="versions">
    <h2 class="h4" id="versions">${text.versions}</h2>
    <ul class="console-list list-unstyled">
      ${versions.map(
        (old) =>
          html`<li>
            <p>${text.version(old.version)} · ${time(language, old.at)} · ${states[old.state]}</p>
            ${
              mayChange && origin !== 'configuration' && old.version !== version
                ? restoreForm(visit, page, old)
                : undefined
            }
          </li>`,
      )}
    </ul>
  </section>`;
}

/** What going back to an earlier version would change, where it would change anything. */
function restoreForm(
  { language, session }: Shown,
  { found }: ServicePage,
  old: ClientVersion,
): Html | undefined {
  const { services: text } = consoleMessages[language];
  const changed = clientDifferences(found.client, old.client);
  if (changed.length === 0) return undefined;
  return considered({
    label: text.restore(old.version),
    consequence: html`${text.restoreHint} ${serviceDifferences(language, changed)}`,
    form: html`<form method="post" action="/admin/services/${found.client.id}/restore">
      <input type="hidden" name="csrf" value="${session.csrf}" />
      <input type="hidden" name="version" value="${found.version}" />
      <button class="btn btn-primary" type="submit" name="wanted" value="${old.version}">
        ${text.restore(old.version)}
      </button>
    </form>`,
  });
}
