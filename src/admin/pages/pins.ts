import type { Language } from '../../identity/language.ts';
import type {
  PinCertificate,
  PinFacts,
  PinOverview,
  WaitingPin,
} from '../../sources/spid/federation/pins.ts';
import { descriptionList } from '../../web/description-list.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Visit } from '../room.ts';
import { time } from './audit.ts';
import { field, textArea } from './fields.ts';

type Shown = Pick<Visit, 'language' | 'session' | 'fields'>;

/** What is said beside a field. */
export interface PinFaults {
  /** Why the certificate is not taken: a code. */
  readonly certificate?: string;
  /** The proposal for which another fingerprint was typed. */
  readonly proposal?: string;
}

interface PinPage {
  /** Undefined where what was decided cannot be relied on. */
  readonly overview: PinOverview | undefined;
  readonly mayChange: boolean;
  readonly faults: PinFaults;
  readonly now: Date;
}

/** Whose signature makes the registry's list AgID's, what waits for a second person, and who signed a refused list. */
export function pinsBody(visit: Shown, page: PinPage): Html {
  const { pins: text } = consoleMessages[visit.language];
  const { overview, mayChange } = page;
  return html`<p>${text.intro}</p>
    ${
      overview
        ? html`${unknownSection(visit, page, overview)}
          ${overview.waiting.map((one) => waitingSection(visit, page, one))} ${listSection(visit, page, overview)}
          ${mayChange ? addingSection(visit, page) : undefined}`
        : html`<div role="alert" class="console-faults"><p>${text.altered}</p></div>`
    }`;
}

/**
 * The signer of a list that was refused, while nobody has proposed her: one step from that, and two persons from being
 * believed.
 */
function unknownSection(visit: Shown, { mayChange, now }: PinPage, overview: PinOverview): Html | undefined {
  const { pins: text } = consoleMessages[visit.language];
  const { pins, waiting, unknown } = overview;
  if (!unknown || isIn(waiting, unknown)) return undefined;
  const isOff = isIn(pins, unknown);
  return html`<section aria-labelledby="unknown" class="console-warnings">
    <h2 class="h4" id="unknown">${text.unknown}</h2>
    <p>${isOff ? text.unknownOff : text.unknownHint}</p>
    ${facts(visit.language, unknown, now)}
    ${mayChange && !isOff ? proposeForm(visit, unknown, text.propose) : undefined}
  </section>`;
}

function isIn(some: readonly PinCertificate[], { fingerprint }: PinCertificate): boolean {
  return some.some((one) => one.fingerprint === fingerprint);
}

function waitingSection(visit: Shown, { mayChange, faults, now }: PinPage, proposal: WaitingPin): Html {
  const { language, session, fields } = visit;
  const { pins: text } = consoleMessages[language];
  const { id, trusted, author, at, byProgram } = proposal;
  const form = (verb: 'approve' | 'withdraw', content: Html) =>
    html`<form method="post" action="/admin/providers/pins/${id}/${verb}" class="console-act">
      <input type="hidden" name="csrf" value="${session.csrf}" />
      ${content}
    </form>`;
  const wrong = faults.proposal === id;
  return html`<section aria-labelledby="waiting-${id}" class="console-warnings">
    <h2 class="h4" id="waiting-${id}">${trusted ? text.waitingAdd : text.waitingRemove}</h2>
    <p>${text.proposedBy(author)} ${time(language, at)}</p>
    ${facts(language, proposal, now)}
    ${
      mayChange
        ? html`${
            byProgram
              ? html`<p>${text.byProgram}</p>
                  ${trusted ? proposeForm(visit, proposal, text.propose) : removeForm(visit, proposal, text.proposeRemoving)}`
              : form(
                  'approve',
                  html`${
                    trusted
                      ? field({
                          name: 'fingerprint',
                          id: `fingerprint-${id}`,
                          label: text.compare,
                          hint: text.compareHint,
                          value: wrong ? (fields.get('fingerprint') ?? '') : '',
                          wrong: wrong ? text.differs : undefined,
                        })
                      : html`<p>${text.removeHint}</p>`
                  }
                    <button class="btn btn-primary" type="submit">
                      ${trusted ? text.approveAdd : text.approveRemove}
                    </button>`,
                )
          }
          ${form(
            'withdraw',
            html`<button class="btn btn-outline-primary" type="submit">${text.withdraw}</button>`,
          )}`
        : undefined
    }
  </section>`;
}

function listSection(visit: Shown, { mayChange, now }: PinPage, { pins, waiting }: PinOverview): Html {
  const { language } = visit;
  const { pins: text } = consoleMessages[language];
  const act = (pin: PinFacts) =>
    pin.trusted ? removeForm(visit, pin, text.proposeRemoving) : proposeForm(visit, pin, text.proposeAgain);
  return html`<h2 class="h4">${text.list}</h2>
    <ul class="console-list list-unstyled">
      ${pins.map(
        (pin) =>
          html`<li>
            <p>
              <strong>${pin.trusted ? text.counts : text.off}</strong> ·
              ${pin.configured ? text.fromFile : text.fromConsole}
              ${
                pin.decided &&
                html`<br />${text.decided(pin.decided.proposedBy, pin.decided.approvedBy)}
                  ${time(language, pin.decided.at)}`
              }
            </p>
            ${facts(language, pin, now)}
            ${mayChange && !isIn(waiting, pin) ? act(pin) : undefined}
          </li>`,
      )}
    </ul>`;
}

function addingSection({ language, session, fields }: Shown, { faults }: PinPage): Html {
  const { pins: text, refusals } = consoleMessages[language];
  const reasons: Readonly<Record<string, string>> = refusals;
  return html`<h2 class="h4">${text.add}</h2>
    <form method="post" action="/admin/providers/pins">
      <input type="hidden" name="csrf" value="${session.csrf}" />
      ${textArea({
        name: 'certificate',
        label: text.certificate,
        hint: text.certificateHint,
        upload: text.upload,
        accept: '.pem,.crt,.cer',
        value: faults.certificate === undefined ? '' : (fields.get('certificate') ?? ''),
        wrong: faults.certificate === undefined ? undefined : reasons[faults.certificate],
      })}
      <button class="btn btn-primary" type="submit">${text.propose}</button>
    </form>`;
}

function proposeForm(visit: Shown, { pem }: PinCertificate, label: string): Html {
  return oneButton(visit, 'certificate', pem, label);
}

function removeForm(visit: Shown, { fingerprint }: PinCertificate, label: string): Html {
  return oneButton(visit, 'remove', fingerprint, label);
}

function oneButton({ session }: Shown, name: string, value: string, label: string): Html {
  return html`<form method="post" action="/admin/providers/pins" class="console-act">
    <input type="hidden" name="csrf" value="${session.csrf}" />
    <input type="hidden" name="${name}" value="${value}" />
    <button class="btn btn-outline-primary" type="submit">${label}</button>
  </form>`;
}

function facts(language: Language, certificate: PinCertificate, now: Date): Html {
  const { pins: text } = consoleMessages[language];
  const { subject, fingerprint, notBefore, notAfter, key, signed } = certificate;
  const rows: readonly (readonly [string, Html | string])[] = [
    [text.subject, html`<span translate="no">${subject}</span>`],
    [text.fingerprint, html`<code>${printed(fingerprint)}</code>`],
    [
      text.validity,
      html`${time(language, notBefore)} – ${time(language, notAfter)}${notAfter <= now ? ` (${text.expired})` : ''}`,
    ],
    [text.key, html`<span translate="no">${key}</span>`],
    [text.signed, text.signs[signed ?? 'neither']],
  ];
  return descriptionList(rows);
}

/** As AgID prints it: pairs in capitals, with colons. */
function printed(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
}
