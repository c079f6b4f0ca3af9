import type { Language } from '../../src/identity/language.ts';
import type { Brand } from '../../src/web/brand.ts';
import type { PortalSession } from '../../src/portal/sessions.ts';
import type { Consultation } from '../../src/register/consultation/consultation.ts';
import type { OpenedEntry } from '../../src/register/register.ts';
import type { Html } from '../../src/web/html.ts';
import type { PageFrame } from '../../src/web/layout.ts';
import { rasterised } from '../../src/sources/spid/displays/logo.ts';
import { accessesPage } from '../../src/accesses/page.ts';
import { choosePage, type ChoosePage } from '../../src/web/pages/choose.ts';
import { confirmPage } from '../../src/web/pages/confirm.ts';
import type { ServiceBrand } from '../../src/web/pages/service-brand.ts';
import { departPage } from '../../src/web/pages/depart.ts';
import { foundBody, transactionBody } from '../../src/admin/pages/consultation.ts';
import { consultationsBody } from '../../src/admin/pages/consultations.ts';
import { consolePage } from '../../src/admin/pages/frame.ts';
import { breakdownsOf, reportsBody } from '../../src/admin/pages/reports.ts';
import { noRolePage } from '../../src/admin/pages/no-role.ts';
import { notSignedInPage } from '../../src/web/pages/not-signed-in.ts';
import { homePage } from '../../src/web/pages/home.ts';
import { loggedOutPage, logoutPage, stayedPage } from '../../src/web/pages/logout.ts';
import { sendingPage } from '../../src/web/pages/sending.ts';
import { signOutPage, type SignOutPage } from '../../src/web/pages/sign-out.ts';
import { problemPage, type ProblemPage } from '../../src/web/pages/problem.ts';
import { testedPage } from '../../src/web/pages/tested.ts';
import type { Assets } from '../../src/web/static/assets.ts';

export const BRAND: Brand = {
  name: { it: 'Unione dei Comuni della Valdera', en: 'Union of Municipalities of Valdera' },
  privacyUrl: 'https://www.unione.example.it/privacy',
  accessibilityUrl: 'https://www.unione.example.it/accessibilita',
  supportUrl: 'https://www.unione.example.it/assistenza',
  supportEmail: 'assistenza.accesso.servizi@unione.example.it',
};

export const CHOICE: ChoosePage = {
  service: 'Sportello unico per le attività produttive',
  entity: 'Comune di Santa Maria a Monte',
  level: 2,
  attributes: [
    { name: 'name', purpose: 'Per intestare la pratica' },
    { name: 'familyName', purpose: 'Per intestare la pratica' },
    {
      name: 'fiscalNumber',
      purpose: 'Per ritrovare le tue pratiche e le imprese che rappresenti',
      legalBasis: { ground: 'public-task', law: 'd.P.R. 7 settembre 2010, n. 160, art. 4' },
    },
    {
      name: 'email',
      purpose: 'Per avvisarti quando la pratica va avanti',
      legalBasis: { ground: 'consent' },
    },
  ],
  offers: [
    'Poste Italiane (PosteID)',
    'TeamSystem ID',
    'Aruba ID',
    'Intesi Group SPID',
    'Lepida ID',
    'Namirial ID',
    'SielteID',
    'TIM ID',
    'SPIDItalia – Register.it',
    'InfoCert ID',
    'EtnaID',
    'ID InfoCamere',
  ].map((name, at) => ({ id: `https://provider-${at}.example.it`, name })),
  unavailable: [
    {
      name: 'Gestore Sospeso',
      since: new Date('2026-03-01T09:00:00Z'),
      notice: 'Il gestore ha comunicato un guasto: riprova domani.',
    },
  ],
  brand: { logo: undefined, text: undefined, links: {} },
  testing: false,
  ageChecked: false,
  continuation: undefined,
  action: '/login/abc/depart',
  backAction: '/login/abc/back',
};

const drawn = async (size: string, body: string) => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}">${body}</svg>`;
  return `data:image/png;base64,${(await rasterised(Buffer.from(svg))).toString('base64')}`;
};
const LOGOS = await Promise.all([
  drawn(
    '400 80',
    '<rect width="80" height="80" rx="20" fill="#036"/><rect x="100" y="20" width="300" height="40" fill="#06c"/>',
  ),
  drawn('80 80', '<circle cx="40" cy="40" r="38" fill="#a30"/>'),
]);

const SERVICE_BRAND: ServiceBrand = {
  logo: 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  text: 'Qui presenti le pratiche della tua impresa.',
  links: {
    privacy: 'https://suap.example.it/privacy',
    terms: 'https://suap.example.it/condizioni',
    accessibility: 'https://suap.example.it/accessibilita',
    support: 'https://suap.example.it/aiuto',
  },
};

export const PROBLEM: ProblemPage = {
  reason: 'level-not-held',
  variables: { service: 'Sportello unico', level: 2 },
  reference: 'K7MP-4TRX',
  actions: {
    retry: { action: '/login/abc/depart', provider: 'https://provider-0.example.it' },
    otherIdentity: '/login/abc?choose',
    backToService: { action: '/login/abc/back', code: 'access_denied spid_nr20' },
  },
};

const SIGN_OUT: SignOutPage = {
  outcome: null,
  provider: 'SPIDItalia – Register.it',
  services: ['Sportello unico per le attività produttive', 'Servizi scolastici'],
  action: '/logout/abc',
  returnTo: 'https://suap.example.it/uscito?state=x',
};

const ACCESS = {
  transactionId: 'ce1e2b0c-9a1f-4a0e-8d3a-000000000001',
  clientId: 'suap',
  service: 'Sportello unico per le attività produttive',
  when: '24 novembre 2026 alle ore 10:57',
  provider: 'https://posteid.poste.it/jod-fs/metadata/identity-provider-with-a-long-name',
  level: 2,
  read: ['Nome', 'Cognome', 'Codice fiscale', 'Indirizzo di posta elettronica'],
  reference: 'K7MP-4TRX',
  report: undefined,
};
const ACCESSES_PAGE = {
  path: '/accessi',
  csrf: 'x',
  accesses: [ACCESS, { ...ACCESS, service: 'Servizi scolastici', read: [], report: 'not-hers' as const }],
  more: '/accessi?after=1.a.1',
  after: '',
};

export const NONCE = 'bm9uY2Utb2YtYS10ZXN0';

export function frame(language: Language, assets: Pick<Assets, 'url'>): PageFrame {
  return {
    language,
    brand: BRAND,
    asset: assets.url,
    alternateUrl: `?lang=${language === 'it' ? 'en' : 'it'}`,
  };
}

const NOBODY: PortalSession = {
  csrf: 'token',
  name: 'Giulia Bianchi',
  level: 2,
  idToken: '',
  sid: '',
  sub: '',
  authenticatedAt: new Date(0),
  person: { kind: 'it-fiscal', value: '' },
};

const CONSULTATION: Consultation = {
  id: 'c0nsu1tati0nid',
  state: 'open',
  askedAt: new Date(0),
  asker: 'Giulia Bianchi',
  askerHash: 'hash',
  decider: undefined,
  reason: 'Richiesta della Procura della Repubblica di Pisa, prot. 1234/2026',
  scope: {
    personHashes: ['hash'],
    from: new Date(0),
    to: new Date(1),
    provider: 'https://idp.example.it/lungo',
  },
  endsAt: new Date(2),
};

const OPENED: OpenedEntry = {
  row: {} as OpenedEntry['row'],
  summary: {
    entityId: 'unione',
    seq: 1,
    at: new Date(0),
    transactionId: 'b1c2',
    reference: 'K7QF-3MZP',
    kind: 'request',
    source: 'spid',
    clientId: 'suap',
    provider: 'https://idp.example.it',
    level: 2,
    requestId: `_${'4d'.repeat(16)}`,
    messageId: null,
    assertionId: null,
    outcome: null,
    claims: [],
  },
  text: '{}',
  evidence: { xml: `<samlp:AuthnRequest ID="${'4d'.repeat(60)}"/>`, binding: 'redirect' },
};

/** The consultations of the register, as the console shows them. */
function consultationPages(on: PageFrame): [string, string][] {
  const { language } = on;
  const names = { client: (id: string) => id, provider: (id: string) => id };
  const visit = { language, session: NOBODY, fields: new Map<string, string>(), grants: [] };
  const found = { csrf: '', consultation: CONSULTATION, names };
  const listed = (['open', 'waiting', 'over'] as const).map((state) => ({
    consultation: CONSULTATION,
    state,
    mayUse: state === 'open',
    mayDecide: state === 'waiting',
  }));
  const lines = (['total', 'service', 'provider', 'source', 'level'] as const).map((by, at) => ({
    entityId: 'unione',
    by,
    value: at % 2 ? 'https://idp.example.it/lungo' : '2',
    accesses: at === 1 ? undefined : 12_345,
  }));
  const name = (id: string) => id;
  const bodies: [string, Html][] = [
    [
      'reports',
      reportsBody(language, {
        month: '2026-10',
        months: ['2026-10'],
        breakdowns: breakdownsOf(lines),
        entityName: name,
        serviceName: name,
        providerName: name,
      }),
    ],
    [
      'consultations',
      consultationsBody(visit, {
        listed,
        entities: [],
        mayAsk: true,
        rules: { secondPerson: true, approvalHours: 24, openHours: 1 },
        faults: { reason: 'reason', fiscalNumber: 'fiscalNumber', to: 'order', scope: 'scope' },
      }),
    ],
    ['consultation', foundBody(language, { ...found, entries: [OPENED.summary], more: '?after=1.a.1' })],
    ['transaction', transactionBody(language, { ...found, transactionId: 'b1c2', entries: [OPENED] })],
  ];
  return bodies.map(([name, body]) => [
    name,
    consolePage(on, { title: name, body, at: '/admin/register', visit }),
  ]);
}

/** Every page a citizen can meet, by name, in its fullest and in its emptiest form. */
export function everyPage(language: Language, assets: Pick<Assets, 'url'>): ReadonlyMap<string, string> {
  const on = frame(language, assets);
  return new Map([
    ['choice', choosePage(on, CHOICE)],
    [
      'choice-with-logos',
      choosePage(on, {
        ...CHOICE,
        // Some have one, of one shape or another; some have none, and one is not there to be had.
        offers: CHOICE.offers.map((offer, at) =>
          at % 4 === 3 ? offer : { ...offer, logo: LOGOS[at % 4] ?? '/spid/logos/none.png' },
        ),
      }),
    ],
    ['choice-without-data', choosePage(on, { ...CHOICE, level: 1, attributes: [] })],
    [
      'choice-branded-and-continued',
      choosePage(on, {
        ...CHOICE,
        brand: SERVICE_BRAND,
        testing: true,
        ageChecked: true,
        continuation: {
          missing: 'attributes',
          provider: { id: 'https://provider-0.example.it', name: 'Poste Italiane (PosteID)' },
        },
      }),
    ],
    [
      'confirm',
      confirmPage(on, {
        service: CHOICE.service,
        brand: SERVICE_BRAND,
        name: 'Anna R.',
        attributes: CHOICE.attributes,
        ageChecked: false,
        action: '/login/abc/confirm',
        otherUrl: '/login/abc?choose',
      }),
    ],
    ['choice-after-no-answer', choosePage(on, { ...CHOICE, waiting: 'Poste Italiane (PosteID)' })],
    ['choice-without-providers', choosePage(on, { ...CHOICE, offers: [], unavailable: [] })],
    [
      'departure',
      departPage(on, {
        provider: 'Poste Italiane (PosteID)',
        action: '/sso',
        fields: { SAMLRequest: 'PHNhbWxwOkF1dGhuUmVxdWVzdC8+', RelayState: 'relay' },
        nonce: NONCE,
      }),
    ],
    ['problem', problemPage({ ...on, alternateUrl: undefined }, PROBLEM)],
    [
      'problem-outside-a-login',
      problemPage(
        { ...on, brand: { ...BRAND, supportEmail: undefined } },
        {
          reason: 'not-found',
          variables: { service: '', level: 2 },
          reference: 'K7MP-4TRX',
          actions: { home: { url: '/', service: false } },
        },
      ),
    ],
    [
      'problem-of-a-service',
      problemPage(on, {
        reason: 'client-fault',
        variables: { service: '', level: 2 },
        reference: 'K7MP-4TRX',
        forDevelopers: 'post_logout_redirect_uri_unknown',
        actions: { home: { url: '/', service: false } },
      }),
    ],
    ['logout', logoutPage(on, { service: 'Sportello unico', action: '/oidc/logout/confirm', xsrf: 'x' })],
    ...(['leaving', 'another-person', 'answer'] as const).map((why): [string, string] => [
      `sending-${why}`,
      sendingPage(on, { why, service: 'SUAP', action: '/', fields: { xsrf: 'x' }, nonce: NONCE }),
    ]),
    ['stayed', stayedPage(on, { service: 'SUAP', home: 'https://suap.example.it/' })],
    [
      'logged-out',
      loggedOutPage(on, {
        services: ['SUAP', 'Mensa scolastica'],
        untold: ['Biblioteca'],
        providerMayRemember: true,
      }),
    ],
    ['logged-out-unknown', loggedOutPage(on, { services: [], untold: [], providerMayRemember: false })],
    ['sign-out-offer', signOutPage(on, SIGN_OUT)],
    ['sign-out-waiting', signOutPage(on, { ...SIGN_OUT, outcome: 'sent' })],
    ['sign-out-closed', signOutPage(on, { ...SIGN_OUT, outcome: 'closed', services: [] })],
    ['sign-out-partly', signOutPage(on, { ...SIGN_OUT, outcome: 'partly', returnTo: undefined })],
    ['sign-out-refused', signOutPage(on, { ...SIGN_OUT, outcome: 'refused' })],
    [
      'home',
      homePage(on, [
        { name: 'Sportello unico per le attività produttive', url: 'https://suap.example.it/' },
        { name: 'Servizi scolastici', url: 'https://scuola.example.it/' },
      ]),
    ],
    [
      'test-login-succeeded',
      testedPage(on, { provider: 'https://validator.spid.gov.it', level: 2, reference: 'K7MP-4TRX' }),
    ],
    ...(['notSignedIn', 'sessionOver'] as const).map((why): [string, string] => [
      why,
      notSignedInPage(on, { why, area: 'Console di amministrazione', retry: '/admin' }),
    ]),
    [
      'no-role',
      noRolePage(on, {
        name: 'Anna Rossi',
        invitation: '/admin/invitation',
        signOut: { action: '/admin/sign-out', csrf: 'x' },
      }),
    ],
    ['home-without-services', homePage(on, [])],
    ['accesses', accessesPage(on, ACCESSES_PAGE)],
    ['accesses-none', accessesPage(on, { ...ACCESSES_PAGE, accesses: [], more: undefined })],
    ...consultationPages(on),
  ]);
}
