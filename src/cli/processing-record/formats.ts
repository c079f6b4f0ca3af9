import type { BodyRecord, ProcessedData, ProcessingActivity } from '../../clients/processing-record.ts';
import type { Language } from '../../identity/language.ts';
import { messages } from '../../web/messages/index.ts';
import { legalBasisMessages } from '../../web/messages/legal-basis.ts';

const it = {
  title: 'Registro delle attività di trattamento: accesso ai servizi online',
  intro:
    'Dati che il gateway di accesso riceve dai gestori di identità digitale e comunica ai servizi (GDPR, art. 30). Ricavato dalle registrazioni dei servizi.',
  made: (day: string) => `Situazione al ${day}.`,
  controller: 'Titolare',
  contact: 'Contatto',
  notice: 'Informativa',
  subjects: 'Interessati',
  citizens: 'cittadini che accedono ai servizi',
  source: 'Fonte dei dati',
  providers: 'gestore dell’identità scelto dal cittadino',
  retention: 'Conservazione nel gateway',
  kept: (months: number) =>
    `dati di sessione: al massimo 8 ore; tracciatura degli accessi, cifrata: ${months} mesi (DPCM 24/10/2014, art. 13, c. 2)`,
  recipients: 'Destinatari',
  recipient: 'il servizio stesso; nessun trasferimento fuori dall’Unione europea da parte del gateway',
  measures: 'Misure di sicurezza',
  measured:
    'cifratura dei dati conservati, registro con prova di integrità, accessi amministrativi con SPID e tracciati',
  none: 'Nessun servizio registrato.',
  columns: ['Dato', 'Finalità', 'Base giuridica', 'Norma', 'Necessario', 'Comunicato al servizio'],
  body: 'Ente',
  service: 'Servizio',
  state: 'Stato',
  states: {
    waiting: 'in attesa',
    test: 'in prova',
    live: 'in esercizio',
    suspended: 'sospeso',
    retired: 'dismesso',
  },
  level: 'Livello minimo',
  yes: 'sì',
  no: 'no',
  missing: 'DA INDICARE',
};

const en: typeof it = {
  title: 'Record of processing activities: access to online services',
  intro:
    'Data that the access gateway gets from identity providers and passes on to services (GDPR 30). Made from the registrations of services.',
  made: (day) => `As of ${day}.`,
  controller: 'Controller',
  contact: 'Contact',
  notice: 'Privacy notice',
  subjects: 'Data subjects',
  citizens: 'citizens who use the services',
  source: 'Source of the data',
  providers: 'the identity provider that the citizen chooses',
  retention: 'Kept in the gateway',
  kept: (months) =>
    `session data: 8 hours at most; register of logins, encrypted: ${months} months (DPCM 24/10/2014, art. 13(2))`,
  recipients: 'Recipients',
  recipient: 'the service itself; no transfer outside the European Union by the gateway',
  measures: 'Security measures',
  measured:
    'encryption at rest, a register with proof of integrity, administrators sign in with SPID and are recorded',
  none: 'No service is registered.',
  columns: ['Data', 'Purpose', 'Legal basis', 'Provision', 'Required', 'Passed on to the service'],
  body: 'Body',
  service: 'Service',
  state: 'State',
  states: { waiting: 'waiting', test: 'on trial', live: 'live', suspended: 'suspended', retired: 'retired' },
  level: 'Minimum level',
  yes: 'yes',
  no: 'no',
  missing: 'TO BE STATED',
};

const TEXTS: Readonly<Record<Language, typeof it>> = { it, en };

/** For people and version control. */
export function asMarkdown(bodies: readonly BodyRecord[], language: Language, now: Date): string {
  const text = TEXTS[language];
  const parts = bodies.flatMap((body) => [
    `## ${inline(body.name[language])}`,
    [
      [text.controller, `${body.name[language]} (IPA ${body.contact.ipaCode})`],
      [text.contact, body.contact.email],
      [text.notice, body.privacyUrl],
      [text.subjects, text.citizens],
      [text.source, text.providers],
      [text.recipients, text.recipient],
      [text.retention, text.kept(body.registerMonths)],
      [text.measures, text.measured],
    ]
      .map(([key = '', value = '']) => `- **${key}**: ${inline(value)}`)
      .join('\n'),
    ...(body.activities.length === 0
      ? [text.none]
      : body.activities.flatMap((one) => section(one, language))),
  ]);
  const day = now.toISOString().slice(0, 10);
  return [`# ${text.title}`, `${text.intro} ${text.made(day)}`, ...parts].join('\n\n');
}

function section(activity: ProcessingActivity, language: Language): string[] {
  const text = TEXTS[language];
  const { id, name, homePage, state, minimumLevel, data } = activity;
  const rows = data.map((one) => `| ${dataCells(one, language).map(inline).join(' | ')} |`);
  return [
    `### ${inline(name[language])} (\`${id}\`)`,
    `${homePage} · ${text.state}: ${text.states[state]} · ${text.level}: ${minimumLevel}`,
    ...(rows.length === 0
      ? []
      : [
          [`| ${text.columns.join(' | ')} |`, `|${' --- |'.repeat(text.columns.length)}`, ...rows].join('\n'),
        ]),
  ];
}

/** For spreadsheets: one row for each kind of data of each service (RFC 4180). */
export function asCsv(bodies: readonly BodyRecord[], language: Language): string {
  const text = TEXTS[language];
  const head = [
    text.body,
    'IPA',
    text.contact,
    text.service,
    'client_id',
    text.state,
    text.level,
    ...text.columns,
  ];
  const rows = bodies.flatMap((body) =>
    body.activities.flatMap(({ id, name, state, minimumLevel, data }) =>
      data.map((one) => [
        body.name[language],
        body.contact.ipaCode,
        body.contact.email,
        name[language],
        id,
        text.states[state],
        String(minimumLevel),
        ...dataCells(one, language),
      ]),
    ),
  );
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}

function dataCells(data: ProcessedData, language: Language): string[] {
  const text = TEXTS[language];
  const { attribute, purpose, legalBasis, required, released } = data;
  const yes = (so: boolean) => (so ? text.yes : text.no);
  return [
    messages(language).attributes[attribute],
    purpose[language],
    legalBasis ? legalBasisMessages[language].grounds[legalBasis.ground] : released ? text.missing : '–',
    legalBasis?.law ?? '–',
    yes(required),
    yes(released),
  ];
}

/** What services wrote about themselves is text, not Markdown. */
function inline(text: string): string {
  return text.replace(/[\\|`*_[\]<>#]/g, '\\$&').replace(/\s+/g, ' ');
}

/** What begins like a formula would be one to a spreadsheet. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
