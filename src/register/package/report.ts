import { markup as html, type Markup as Html } from '../../operations/markup.ts';
import { NS } from '../../saml/names.ts';
import { InvalidXml, parseXml, type XmlElement } from '../../saml/xml.ts';
import type { Consultation, ConsultationScope } from '../consultation/consultation.ts';
import type { EntrySummary, UnopenedEntry } from '../entry.ts';
import type { OpenedEntry } from '../register.ts';
import type { Statement } from '../seal.ts';
import type { KeyFacts, SignatureFinding } from './signatures.ts';
import { ending, sentence, type Names } from './wording.ts';

/** An entry with what goes into the package of it. */
export interface ReportedEntry extends OpenedEntry {
  /** First part of its files' names. */
  readonly name: string;
  readonly message: Uint8Array | undefined;
  readonly signatures: readonly SignatureFinding[];
}

/** What a report is about as a whole. */
interface About {
  readonly consultation: Consultation;
  readonly stories: readonly (readonly UnopenedEntry[])[];
  readonly seals: readonly Statement[];
  readonly madeAt: Date;
}

/** Larger messages than any that is accepted. */
const LIMIT = { bytes: 4 * 1024 * 1024 };

const STYLE = html`body{font:1rem/1.5 system-ui,sans-serif;color:#17324d;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-top:2px solid #17324d;padding-top:1rem}h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
h2,h3,summary{break-after:avoid}.small{font-size:.85rem}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.2rem 1rem;margin:.5rem 0}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #c5d0dc;overflow-wrap:anywhere}
dl.whole{break-inside:avoid}thead{display:table-header-group}tr,article,li{break-inside:avoid}.when{white-space:nowrap}.bad{color:#a3001b;font-weight:600}
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

/** The report of a package: Italian, for whoever has to read it in an office or in court; needs nothing but itself. */
export class Report {
  readonly #names: Names;
  readonly #certificates = new Certificates();
  readonly #summary: Html[] = [];
  readonly #sections: string[] = [];

  constructor(names: Names) {
    this.#names = names;
  }

  /** Adds the next transaction: first how it ended and whose it was, then what happened, then what proves each step. */
  add(story: readonly ReportedEntry[]): void {
    const names = this.#names;
    const number = this.#sections.length + 1;
    const summaries = story.map(({ summary }) => summary);
    const known = <K extends keyof EntrySummary>(key: K) =>
      summaries.find((one) => one[key] !== null && one[key] !== '')?.[key];
    const answer = answerOf(story);
    const person = answer?.accepted ? personOf(answer.said) : undefined;
    const at = local(summaries[0]?.at ?? new Date(0));
    const end = ending(summaries);
    const service = named(known('clientId'), names.client);
    this.#summary.push(
      html`<tr>
        <td><a href="#t${number}">${number}</a></td><td class="when">${at}</td><td>${person ?? '–'}</td>
        <td>${service ?? '–'}</td><td>${end}</td>
      </tr>`,
    );
    this.#sections.push(
      html`<section>
        <h2 id="t${number}">Transazione ${number}: ${end}, ${at}</h2>
        <dl class="whole">
          ${row('Persona', person)} ${row('Servizio', service)}
          ${row('Gestore di identità', named(known('provider'), names.provider))}
          ${row('Livello', known('level')?.toString())} ${row('Ente', named(known('entityId'), names.entity))}
          ${row('Codice di assistenza', known('reference'))} ${row('Identificativo', known('transactionId'))}
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
          answer &&
          html`<h3>${answer.accepted ? 'Che cosa ha attestato il gestore di identità' : 'Che cosa è scritto nella risposta, che non è stata accettata'}</h3>
            <dl class="whole">${answer.said.map(({ name, value }) => row(names.attribute(name), value))}</dl>`
        }
        <h3>Le prove, voce per voce</h3>
        ${story.map((entry) => entrySection(entry, names, this.#certificates))}
      </section>`.toString(),
    );
  }

  /** @returns its text, in pieces */
  pages({ consultation, stories, seals, madeAt }: About): string[] {
    const names = this.#names;
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
          accertare che niente sia stato alterato trova le istruzioni in LEGGIMI.txt.
        </p>
        <h2>Riepilogo</h2>
        <table>
          <thead>
            <tr>
              ${['Numero', 'Data e ora', 'Persona', 'Servizio', 'Esito'].map((label) => html`<th scope="col">${label}</th>`)}
            </tr>
          </thead>
          <tbody>`;
    const words = html`</tbody></table>
      <h2>Parole usate</h2>
      <dl>${GLOSSARY.map(([word, meaning]) => row(word, meaning))}</dl>`;
    return [
      `<!doctype html>\n${head.toString()}\n`,
      ...this.#summary.map((one) => one.toString()),
      words.toString(),
      ...this.#sections,
      this.#certificates.section().toString(),
      sealsSection(seals).toString(),
      '\n</body></html>\n',
    ];
  }
}

/** Certificates that verified signatures, each described once: thousands of signatures are of the same few. */
class Certificates {
  readonly #found = new Map<string, { readonly key: Certificate; readonly metadata: Set<string> }>();

  /** What the certificate of a key is called in the report. */
  nameOf({ certificate, metadata }: KeyFacts): string | undefined {
    if (!certificate) return undefined;
    const known = this.#found.get(certificate.fingerprint) ?? { key: certificate, metadata: new Set() };
    if (metadata) known.metadata.add(metadata);
    this.#found.set(certificate.fingerprint, known);
    return `certificato ${[...this.#found.keys()].indexOf(certificate.fingerprint) + 1}`;
  }

  section(): Html {
    return html`<section>
      <h2>Certificati</h2>
      <p>Con questi sono state verificate le firme, ciascuno secondo i metadata che erano in vigore allora.</p>
      ${[...this.#found.values()].map(
        ({ key, metadata }, at) =>
          html`<h3>Certificato ${at + 1}</h3>
            <dl class="whole small">
              ${row('Di', key.subject)} ${row('Impronta SHA-256', key.fingerprint)}
              ${row('Valido', `dal ${local(key.notBefore)} al ${local(key.notAfter)}`)}
              ${row('File', `certificati/${key.fingerprint}.pem`)}
              ${row('Dai metadata', [...metadata].map((hash) => `metadata/${hash}.xml`).join(', '))}
            </dl>`,
      )}
    </section>`;
  }
}

type Certificate = NonNullable<KeyFacts['certificate']>;

/** What a response says of the person: the accepted one, else the first that says anything. */
function answerOf(
  story: readonly ReportedEntry[],
): { readonly accepted: boolean; readonly said: readonly Attested[] } | undefined {
  return story
    .filter(({ summary }) => summary.kind === 'response')
    .map(({ summary, message }) => ({
      accepted: summary.outcome === 'accepted',
      said: message ? attested(message) : [],
    }))
    .filter(({ said }) => said.length > 0)
    .sort((a, b) => Number(b.accepted) - Number(a.accepted))[0];
}

function entrySection(entry: ReportedEntry, names: Names, certificates: Certificates): Html {
  const { summary, name, message, signatures, evidence } = entry;
  const query = typeof evidence['query'] === 'string' ? [`messaggi/${name}.query.txt`] : [];
  const files = [...(message ? [`messaggi/${name}.xml`] : []), ...query, `prove/${name}.json`];
  const nameId = summary.kind === 'response' && message ? nameIdOf(message) : undefined;
  return html`<article class="small">
    <p>${instant(summary.at)}: ${sentence(summary, names)}</p>
    <dl>
      ${row('Voce del registro', `${summary.entityId}, numero ${summary.seq}`)}
      ${row('ID della richiesta', summary.requestId)} ${row('ID del messaggio', summary.messageId)}
      ${row('ID dell’asserzione', summary.assertionId)}
      ${row('Dati letti, come li chiama il protocollo (claim)', summary.claims.join(', '))}
      ${row('Pseudonimo dell’utente presso il gestore (NameID)', nameId)}
      ${signatures.map((finding) => signatureRow(finding, summary.at, certificates))}
      ${row('File', files.join(', '))}
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
  certificates: Certificates,
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
      ${certificate && html` (${certificates.nameOf(key)}${valid ? '' : ', allora fuori dal suo periodo'})`}
      ${key && !certificate ? html`<br />chiave pubblica, impronta SHA-256 ${key.publicKey}` : undefined}
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
