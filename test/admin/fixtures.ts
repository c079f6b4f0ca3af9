import { Administrators } from '../../src/admin/administrators.ts';
import { Invitations } from '../../src/admin/invitations.ts';
import type { Role } from '../../src/admin/roles.ts';
import { AuditTrail, type AuditFault } from '../../src/audit/trail.ts';
import type { AuditEntry } from '../../src/audit/entry.ts';
import { StepFailed } from '../../src/demo/driver.ts';
import { supportReferenceOf } from '../../src/demo/forms.ts';
import { personaOf } from '../../src/demo/personas.ts';
import { EntityRegister } from '../../src/entities/register.ts';
import { testBody } from '../../src/entities/test-body.ts';
import { personKeyOf } from '../../src/identity/person-key.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { Desk } from '../support/desk.ts';
import type { TestGateway } from '../support/gateway.ts';
import { RelyingParty } from '../support/relying-party.ts';

export const BY = { actor: { kind: 'operator', name: 'test' }, via: 'command-line' } as const;

/** What the command line can do beside a running gateway. */
export async function beside<T>(
  { configuration }: TestGateway,
  work: (room: {
    administrators: Administrators;
    invitations: Invitations;
    trail: AuditTrail;
    store: Store;
    entries: AuditEntry[];
    faults: AuditFault[];
  }) => Promise<T>,
): Promise<T> {
  const keys = loadKeys(configuration.keys.directory, { passphrase: configuration.keys.passphrase });
  const store = await openStore(configuration.store.url, systemClock);
  try {
    const trail = new AuditTrail(keys);
    const administrators = new Administrators(store, keys, trail, systemClock);
    const invitations = new Invitations({ store, keys, trail, clock: systemClock, administrators });
    const entries = await trail.list(store.db, { limit: 1000 });
    const { faults } = await trail.verify(store.db);
    return await work({ administrators, invitations, trail, store, entries, faults });
  } finally {
    await store.close();
  }
}

/** A one-time code, as `admin invite` prints it. */
export function invitation(gateway: TestGateway): Promise<string> {
  return beside(gateway, ({ invitations }) => invitations.firstAdministrator(BY));
}

/** Somebody with a role, at her desk. */
export async function deskOf(
  gateway: TestGateway,
  persona: string,
  role?: Role,
  entityId?: string,
): Promise<Desk> {
  const person = personKeyOf(personaOf(persona)?.attributes ?? {}, '');
  if (!person) throw new Error(`${persona} has no codice fiscale`);
  if (role) {
    const grant = { role, entityId, name: persona };
    await beside(gateway, ({ administrators }) => administrators.grant(person, grant, BY));
  }
  const desk = new Desk(gateway);
  await desk.signIn('/admin', undefined, persona);
  return desk;
}

/** A second body, which nobody has sealed anything of yet. @returns its id */
export function secondBody(gateway: TestGateway): Promise<string> {
  const { publicUrl } = gateway.configuration;
  return beside(gateway, async ({ store }) => {
    const register = await new EntityRegister(store, systemClock, publicUrl).fresh();
    const [first] = register.kept();
    if (!first) throw new Error('no body');
    const body = testBody(first.declaration, publicUrl);
    await register.save(body);
    return body.id;
  });
}

/** A citizen who changes her mind at the provider. @returns the support reference on the page that she ends at */
export async function cancelledLogin(gateway: TestGateway, clientId: string): Promise<string> {
  const service = new RelyingParty(gateway);
  const { url } = await service.request(await service.configure(clientId));
  const browser = service.browser();
  await browser.visit('authorization request', url);
  await browser.press('choose the provider', gateway.providers[0]);
  await browser.press('send the request');
  await browser.press('change her mind', '25');
  await browser.press('send the response').catch((error: unknown) => {
    if (!(error instanceof StepFailed)) throw error;
  });
  return supportReferenceOf(browser.page.html) ?? '';
}

/** A form of a service that nothing is wrong with. */
export const SERVICE: Readonly<Record<string, string>> = {
  entity: 'unione',
  nameIt: 'Iscrizioni scolastiche',
  nameEn: 'School enrolment',
  homePage: 'https://scuola.example.it/',
  contacts: 'scuola@example.it',
  applicationType: 'web',
  redirectUris: 'http://127.0.0.1:9/callback',
  authMethod: 'client_secret_basic',
  minimumLevel: '2',
  'wants-name': 'required',
  'why-it-name': 'intestare la domanda',
  'basis-name': 'public-task',
  'law-name': 'd.lgs. 297/1994, art. 192',
  'wants-fiscalNumber': 'yes',
  'why-it-fiscalNumber': 'trovare la famiglia in anagrafe',
  'basis-fiscalNumber': 'consent',
  'why-en-fiscalNumber': 'to find the family in the register',
};
