import { markup as html, type Markup as Html } from '../../operations/markup.ts';
import { NS } from '../../saml/names.ts';
import { InvalidXml, parseXml } from '../../saml/xml.ts';
import type { Consultation, ConsultationScope } from '../consultation/consultation.ts';
import type { EntrySummary } from '../entry.ts';
import type { OpenedEntry } from '../register.ts';
import type { Statement } from '../seal.ts';
import type { SignatureFinding } from './signatures.ts';

/** What citizens and offices call things. */
export interface Names {
  readonly client: (id: string) => string;
  readonly provider: (entityId: string) => string;
  readonly entity: (id: string) => string;
}

/** An entry with what goes into the package of it. */
export interface ReportedEntry extends OpenedEntry {
  /** First part of its files' names. */
  readonly name: string;
  readonly message: Uint8Array | undefined;
  readonly signatures: readonly SignatureFinding[];
}

interface Report {
  readonly consultation: Consultation;
  readonly entries: readonly ReportedEntry[];
  readonly seals: readonly Statement[];
  readonly madeAt: Date;
}

/** Larger messages than any that is accepted. */
const LIMIT = { bytes: 4 * 1024 * 1024 };

const STYLE = html`body{font:1rem/1.5 system-ui,sans-serif;color:#17324d;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:2px solid #17324d;padding-top:1rem}h3{font-size:1rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
.bad{color:#a3001b;font-weight:600}article{break-inside:avoid}@media(max-width:30rem){dl{grid-template-columns:1fr}}`;

/** The report of a package: Italian, for whoever has to read it in an office or in court; needs nothing but itself. */
export function reportPage(report: Report, names: Names): string {
  const { consultation, entries, madeAt } = report;
  const transactions = Map.groupBy(entries, ({ summary }) => summary.transactionId);
  const page = html`<html lang="it">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Estratto dal registro delle transazioni SPID</title>
      <style>${STYLE}</style>
    </head>
    <body>
      <h1>Estratto dal registro delle transazioni SPID</h1>
      <dl>
        ${row('Prodotto il', instant(madeAt))} ${row('Richiesto da', consultation.asker)}
        ${row('Autorizzato da', consultation.decider)} ${row('Motivo', consultation.reason)}
        ${row('Che cosa comprende', covered(consultation.scope, names))}
        ${row('Transazioni', String(transactions.size))} ${row('Voci del registro', String(entries.length))}
      </dl>
      <p>
        Il registro è tenuto ai sensi del DPCM 24 ottobre 2014, art. 13, comma 2. I messaggi come sono stati inviati e
        ricevuti, le prove e le istruzioni per verificarle sono nei file che accompagnano questa relazione (LEGGIMI.txt).
      </p>
      ${[...transactions.values()].map((story, at) => transaction(story, at + 1, names))}
      ${sealsSection(report.seals)}
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}\n`;
}

function transaction(story: readonly ReportedEntry[], number: number, names: Names): Html {
  const [first] = story;
  const summaries = story.map(({ summary }) => summary);
  const known = <K extends keyof EntrySummary>(key: K) => summaries.find((one) => one[key] !== null)?.[key];
  return html`<section>
    <h2>Transazione ${number}${first && html` – ${instant(first.summary.at)}`}</h2>
    <dl>
      ${row('Codice di assistenza', known('reference'))} ${row('Ente', names.entity(known('entityId') ?? ''))}
      ${row('Servizio', named(known('clientId'), names.client))}
      ${row('Gestore di identità', named(known('provider'), names.provider))}
      ${row('Identificativo', known('transactionId'))}
    </dl>
    ${story.map((entry) => entrySection(entry, names))}
  </section>`;
}

function entrySection(entry: ReportedEntry, names: Names): Html {
  const { summary, name, message, signatures } = entry;
  return html`<article>
    <h3>${instant(summary.at)}: ${sentence(summary, names)}</h3>
    <dl>
      ${row('Voce del registro', `${summary.entityId}, numero ${summary.seq}`)}
      ${row('ID della richiesta', summary.requestId)} ${row('ID del messaggio', summary.messageId)}
      ${row('ID dell’asserzione', summary.assertionId)}
      ${row('Livello SPID', summary.level === null ? undefined : String(summary.level))}
      ${summary.kind === 'response' && message ? assertionRows(message) : undefined}
      ${signatures.map((finding) => signatureRow(finding, summary.at))}
      ${row('File', message ? `messaggi/${name}.xml, prove/${name}.json` : `prove/${name}.json`)}
    </dl>
  </article>`;
}

/** What happened, in words. */
function sentence(entry: EntrySummary, names: Names): string {
  const service = named(entry.clientId, names.client) ?? 'il servizio';
  const outcome =
    entry.outcome === 'accepted' ? 'accettata' : `non accettata (esito ${entry.outcome ?? 'sconosciuto'})`;
  const told: Readonly<Record<string, string>> = {
    request: 'inviata la richiesta di autenticazione al gestore di identità',
    response: `ricevuta la risposta del gestore di identità, ${outcome}`,
    'no-answer': 'alla richiesta non è arrivata risposta nel tempo previsto',
    granted: `${service} ha ottenuto il codice di autorizzazione`,
    tokens: `${service} ha ottenuto un token`,
    released: `${service} ha letto questi dati: ${entry.claims.join(', ')}`,
    'logged-out': 'la sessione è stata chiusa',
    'logout-request': `richiesta di chiusura della sessione, ${outcome}`,
    'logout-response': `risposta alla richiesta di chiusura della sessione, ${outcome}`,
    destroyed: 'distruzione delle voci scadute',
  };
  return told[entry.kind] ?? entry.kind;
}

/** What the provider said of the person: as it stands in the message; whether it is signed is said below. */
function assertionRows(message: Uint8Array): Html | undefined {
  try {
    using document = parseXml(message, LIMIT);
    const [assertion] = document.root.children(NS.saml, 'Assertion');
    if (!assertion) return undefined;
    const nameId = assertion.child(NS.saml, 'Subject')?.child(NS.saml, 'NameID')?.text;
    const attributes = assertion.descendants(NS.saml, 'Attribute').map((attribute) => {
      const values = attribute.children(NS.saml, 'AttributeValue').map(({ text }) => text);
      return row(`Attributo ${attribute.attribute('Name') ?? ''}`, values.join(', '));
    });
    return html`${row('NameID', nameId)} ${attributes}`;
  } catch (error) {
    if (error instanceof InvalidXml) return undefined;
    throw error;
  }
}

function signatureRow(
  { element, signer, form, outcome, verifiedThen, key }: SignatureFinding,
  at: Date,
): Html {
  const what = `Firma di ${element || 'messaggio illeggibile'}${form === 'query' ? ' (nella query string)' : ''}`;
  const who = signer === 'gateway' ? 'dell’ente' : 'del gestore di identità';
  const said = {
    verifies: `valida, con la chiave ${who}${verifiedThen ? '' : '; a suo tempo il messaggio è stato rifiutato prima di verificarla'}`,
    'does-not-verify': `non valida con nessuna chiave ${who} in vigore a suo tempo`,
    unsigned: 'assente',
    'no-key': 'non verificabile: nessuna chiave registrata a suo tempo',
  }[outcome];
  const certificate = key?.certificate;
  const valid = certificate && certificate.notBefore <= at && at <= certificate.notAfter;
  return html`<dt>${what}</dt>
    <dd>
      <span ${outcome === 'verifies' ? undefined : html`class="bad"`}>${said}</span>
      ${
        certificate &&
        html`<br />certificato ${certificate.subject}, impronta SHA-256 ${certificate.fingerprint}, valido dal
          ${instant(certificate.notBefore)} al ${instant(certificate.notAfter)}${valid ? '' : ' (allora fuori dal suo periodo)'}`
      }
      ${key && !certificate ? html`<br />chiave pubblica, impronta SHA-256 ${key.publicKey}` : undefined}
      ${key?.metadata ? html`<br />dai metadata metadata/${key.metadata}.xml` : undefined}
    </dd>`;
}

function sealsSection(seals: readonly Statement[]): Html {
  return html`<section>
    <h2>Sigilli del registro</h2>
    <p>
      Ogni voce di questo estratto fa parte della catena del registro; i sigilli, firmati con la chiave dell’ente, dicono
      fin dove la catena era arrivata e quando.
    </p>
    <ul>
      ${seals.map(
        ({ register, seq, at, hash }) =>
          html`<li>registro ${register}: fino alla voce ${seq} il ${instant(new Date(at))} (${hash})</li>`,
      )}
    </ul>
  </section>`;
}

function covered(scope: ConsultationScope, names: Names): string {
  return [
    scope.personHashes && 'tutte le transazioni di una persona',
    scope.reference && `codice di assistenza ${scope.reference}`,
    scope.messageId && `messaggio o asserzione ${scope.messageId}`,
    scope.entityId && `ente ${names.entity(scope.entityId)}`,
    scope.clientId && `servizio ${names.client(scope.clientId)}`,
    scope.provider && `gestore ${names.provider(scope.provider)}`,
    scope.from && `dal ${instant(scope.from)}`,
    scope.to && `fino al ${instant(scope.to)} escluso`,
  ]
    .filter(Boolean)
    .join('; ');
}

function row(name: string, value: string | null | undefined): Html | undefined {
  return value ? html`<dt>${name}</dt><dd>${value}</dd>` : undefined;
}

function named(id: string | null | undefined, name: (id: string) => string): string | undefined {
  if (!id) return undefined;
  const found = name(id);
  return found === id ? id : `${found} (${id})`;
}

const ROME = new Intl.DateTimeFormat('it', {
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'Europe/Rome',
});

function instant(at: Date): string {
  return `${ROME.format(at)} (${at.toISOString()})`;
}
