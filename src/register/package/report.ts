import { markup as html, type Markup as Html } from '../../operations/markup.ts';
import { NS } from '../../saml/names.ts';
import { InvalidXml, parseXml, type XmlElement } from '../../saml/xml.ts';
import type { Consultation, ConsultationScope } from '../consultation/consultation.ts';
import type { EntrySummary, UnopenedEntry } from '../entry.ts';
import type { OpenedEntry } from '../register.ts';
import type { Statement } from '../seal.ts';
import type { SignatureFinding } from './signatures.ts';
import { ending, sentence, type Names } from './wording.ts';

/** An entry with what goes into the package of it. */
export interface ReportedEntry extends OpenedEntry {
  /** First part of its files' names. */
  readonly name: string;
  readonly message: Uint8Array | undefined;
  readonly signatures: readonly SignatureFinding[];
}

interface Report {
  readonly consultation: Consultation;
  readonly stories: readonly (readonly UnopenedEntry[])[];
  readonly seals: readonly Statement[];
  readonly madeAt: Date;
}

/** Larger messages than any that is accepted. */
const LIMIT = { bytes: 4 * 1024 * 1024 };

const STYLE = html`body{font:1rem/1.5 system-ui,sans-serif;color:#17324d;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-top:2px solid #17324d;padding-top:1rem}h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
h2,h3,summary{break-after:avoid}p.told{font-size:1.1rem}.small{font-size:.85rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.2rem 1rem;margin:.5rem 0}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #c5d0dc;overflow-wrap:anywhere}
thead{display:table-header-group}tr,article,li{break-inside:avoid}.when{white-space:nowrap}.bad{color:#a3001b;font-weight:600}
article{border-bottom:1px solid #c5d0dc;padding:.5rem 0}article p{margin:0;font-weight:600}
@media(max-width:30rem){dl{grid-template-columns:1fr}}
@page{size:A4;margin:18mm 16mm 20mm;@bottom-right{content:"pagina " counter(page) " di " counter(pages);font:8pt sans-serif;color:#444}@bottom-left{content:"Estratto dal registro delle transazioni SPID";font:8pt sans-serif;color:#444}}
@media print{body{font-size:10pt;margin:0;padding:0;max-width:none;color:#000}h2{break-before:auto}}`;

/** Whoever reads it may never have heard of SPID. */
const GLOSSARY = [
  [
    'SPID',
    'il sistema pubblico di identità digitale: con la stessa identità un cittadino accede ai servizi in rete di tutte le amministrazioni.',
  ],
  [
    'Gestore di identità',
    'chi ha riconosciuto di persona il cittadino, gli ha dato le credenziali e, a ogni accesso, attesta chi è. La sua attestazione (asserzione) è firmata elettronicamente da lui.',
  ],
  ['Servizio', 'la pagina o l’applicazione dell’ente in cui il cittadino è entrato.'],
  [
    'Livello',
    'quanto è sicuro il modo in cui si è fatto riconoscere: 1 con la sola password; 2 con la password e un secondo fattore, per esempio un codice; 3 con un certificato.',
  ],
  [
    'Transazione',
    'tutto ciò che è avvenuto per un accesso: la richiesta inviata al gestore, la sua risposta, e ciò che ne è seguito.',
  ],
] as const;

/**
 * The report of a package: Italian, for whoever has to read it in an office or in court; needs nothing but itself.
 * @param sections of its transactions, in their order
 * @returns its text in pieces
 */
export function reportPage(report: Report, sections: readonly string[], names: Names): string[] {
  const { consultation, stories, madeAt } = report;
  const entries = stories.reduce((sum, { length }) => sum + length, 0);
  const entities = [...new Set(stories.flat().map(({ entity_id }) => entity_id))];
  const head = html`<html lang="it">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Estratto dal registro delle transazioni SPID</title>
      <style>${STYLE}</style>
    </head>
    <body>
      <h1>Estratto dal registro delle transazioni SPID</h1>
      <dl>
        ${row(entities.length === 1 ? 'Ente' : 'Enti', entities.map(names.entity).join(', '))}
        ${row('Prodotto il', instant(madeAt))} ${row('Richiesto da', consultation.asker)}
        ${row('Autorizzato da', consultation.decider)} ${row('Motivo', consultation.reason)}
        ${row('Che cosa comprende', covered(consultation.scope, names))}
        ${row('Transazioni', String(stories.length))} ${row('Voci del registro', String(entries))}
      </dl>
      <p>
        Questo documento racconta, transazione per transazione, gli accessi con SPID che sono conservati nel registro
        dell’ente. Il registro è tenuto ai sensi del DPCM 24 ottobre 2014, art. 13, comma 2. Le ore sono quelle italiane; tra
        parentesi l’ora universale (UTC).
      </p>
      <p>
        I messaggi come sono stati inviati e ricevuti e le prove sono nei file che accompagnano questa relazione. Chi vuole
        accertare che niente sia stato alterato trova le istruzioni in LEGGIMI.txt: servono solo due programmi di uso comune.
      </p>
      <h2>Parole usate</h2>
      <dl>${GLOSSARY.map(([word, meaning]) => row(word, meaning))}</dl>`;
  return [
    `<!doctype html>\n${head.toString()}\n`,
    ...sections,
    sealsSection(report.seals).toString(),
    '\n</body></html>\n',
  ];
}

/** One transaction: first what happened, then who it was, then what proves each step. */
export function transactionSection(story: readonly ReportedEntry[], number: number, names: Names): string {
  const [first] = story;
  const summaries = story.map(({ summary }) => summary);
  const known = <K extends keyof EntrySummary>(key: K) =>
    summaries.find((one) => one[key] !== null && one[key] !== '')?.[key];
  const person = story
    .filter(({ summary }) => summary.kind === 'response')
    .map(({ summary, message }) => ({
      accepted: summary.outcome === 'accepted',
      said: message && attested(message),
    }))
    .toSorted((a, b) => Number(b.accepted) - Number(a.accepted))
    .find(({ said }) => said && said.length > 0);
  const level = known('level');
  return html`<section>
    <h2>Transazione ${number}: ${ending(summaries)}${first && html`, ${local(first.summary.at)}`}</h2>
    <dl>
      ${row('Persona', person?.accepted ? personOf(person.said ?? []) : undefined)}
      ${row('Servizio', named(known('clientId'), names.client))}
      ${row('Gestore di identità', named(known('provider'), names.provider))}
      ${row('Livello', level === undefined ? undefined : String(level))}
      ${row('Ente', named(known('entityId'), names.entity))} ${row('Codice di assistenza', known('reference'))}
      ${row('Identificativo', known('transactionId'))}
    </dl>
    <h3>Che cosa è avvenuto</h3>
    <table>
      <thead>
        <tr><th scope="col">Data e ora</th><th scope="col">Fatto</th></tr>
      </thead>
      <tbody>
        ${summaries.map(
          (summary) =>
            html`<tr><td class="when">${local(summary.at)}</td><td>${sentence(summary, names)}</td></tr>`,
        )}
      </tbody>
    </table>
    ${
      person?.said &&
      html`<h3>Che cosa ha dichiarato il gestore di identità${person.accepted ? '' : ' (risposta non accettata)'}</h3>
        <dl>${person.said.map(({ name, value }) => row(names.attribute(name), value))}</dl>`
    }
    <h3>Le prove, voce per voce</h3>
    ${story.map((entry) => entrySection(entry, names))}
  </section>`.toString();
}

function entrySection(entry: ReportedEntry, names: Names): Html {
  const { summary, name, message, signatures, evidence } = entry;
  const query = typeof evidence['query'] === 'string' ? [`messaggi/${name}.query.txt`] : [];
  const files = [...(message ? [`messaggi/${name}.xml`] : []), ...query, `prove/${name}.json`];
  return html`<article class="small">
    <p>${instant(summary.at)}: ${sentence(summary, names)}</p>
    <dl>
      ${row('Voce del registro', `${summary.entityId}, numero ${summary.seq}`)}
      ${row('ID della richiesta', summary.requestId)} ${row('ID del messaggio', summary.messageId)}
      ${row('ID dell’asserzione', summary.assertionId)} ${row('Dati letti, come li chiama il protocollo (claim)', summary.claims.join(', '))}
      ${summary.kind === 'response' && message ? row('Pseudonimo dell’utente presso il gestore (NameID)', nameIdOf(message)) : undefined}
      ${signatures.map((finding) => signatureRow(finding, summary.at))} ${row('File', files.join(', '))}
    </dl>
  </article>`;
}

/** What a provider says of a person, as it stands in the message; whether it is signed is said with the message. */
interface Attested {
  readonly name: string;
  readonly value: string;
}

function attested(message: Uint8Array): readonly Attested[] {
  return (
    read(message, (assertion) =>
      assertion.descendants(NS.saml, 'Attribute').map((attribute) => ({
        name: attribute.attribute('Name') ?? '',
        value: attribute
          .children(NS.saml, 'AttributeValue')
          .map(({ text }) => text.replace(/^TINIT-/, ''))
          .join(', '),
      })),
    ) ?? []
  );
}

function nameIdOf(message: Uint8Array): string | undefined {
  return read(message, (assertion) => assertion.child(NS.saml, 'Subject')?.child(NS.saml, 'NameID')?.text);
}

/** Reads the assertion of a response; undefined where there is none that can be read. */
function read<T>(message: Uint8Array, reading: (assertion: XmlElement) => T): T | undefined {
  try {
    using document = parseXml(message, LIMIT);
    const [assertion] = document.root.children(NS.saml, 'Assertion');
    return assertion && reading(assertion);
  } catch (error) {
    if (error instanceof InvalidXml) return undefined;
    throw error;
  }
}

/** As people are called in papers. */
function personOf(said: readonly Attested[]): string | undefined {
  const value = (name: string) => said.find((one) => one.name === name)?.value;
  const full = [value('name'), value('familyName')].filter(Boolean).join(' ') || value('companyName');
  const code = value('fiscalNumber') ?? value('companyFiscalNumber');
  return [full, code && `codice fiscale ${code}`].filter(Boolean).join(', ') || undefined;
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
          ${local(certificate.notBefore)} al ${local(certificate.notAfter)}${valid ? '' : ' (allora fuori dal suo periodo)'}`
      }
      ${key && !certificate ? html`<br />chiave pubblica, impronta SHA-256 ${key.publicKey}` : undefined}
      ${key?.metadata ? html`<br />dai metadata metadata/${key.metadata}.xml` : undefined}
    </dd>`;
}

function sealsSection(seals: readonly Statement[]): Html {
  return html`<section>
    <h2>Sigilli del registro</h2>
    <p>
      Ogni voce di questo estratto fa parte della catena del registro: è legata a quella prima, così che non si può
      aggiungere, togliere o cambiare niente senza che si veda. I sigilli, firmati con la chiave dell’ente, dicono fin dove la
      catena era arrivata e quando.
    </p>
    ${seals.length === 0 ? html`<p>Nessun sigillo copre ancora queste voci.</p>` : undefined}
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
    scope.from && `dal ${local(scope.from)}`,
    scope.to && `fino al ${local(scope.to)} escluso`,
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

function local(at: Date): string {
  return ROME.format(at);
}

function instant(at: Date): string {
  return `${local(at)} (${at.toISOString().replace('T', ' ').replace('Z', ' UTC')})`;
}
