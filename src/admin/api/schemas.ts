import { z } from 'zod';
import { clientSchema } from '../../clients/schema.ts';
import { MOST_DAYS, MOST_HOSTS, MOST_USES } from '../../clients/registration-tokens.ts';
import { CHECKS, CLIENT_STATES } from '../../clients/state.ts';
import { LINES } from '../../figures/monthly-report.ts';
import { LOGIN_STEPS } from '../../figures/step.ts';
import { attributeName, shortId } from '../../identity/values.ts';
import { ROLES } from '../roles.ts';

const localised = z.object({ it: z.string(), en: z.string() });
const instant = z.iso.datetime();
const version = z.number().int().min(1);

/** A service's own declaration, without the id: as under `clients` in the configuration file. */
export const declaration = clientSchema.omit({ id: true });
export const newService = clientSchema.extend({ id: clientSchema.shape.id.optional() });
export const stateChange = z.strictObject({ state: z.enum(CLIENT_STATES) });
/** The id of the role of whoever gets it; null for nobody but administrators. */
export const handover = z.strictObject({ developer: z.string().max(100).nullable() });
export const restoration = z.strictObject({ version });
export const switching = z.strictObject({
  disabled: z.boolean(),
  notice: z.strictObject({ it: z.string().trim().max(500), en: z.string().trim().max(500) }).optional(),
});
export const newGrant = z.strictObject({
  fiscalNumber: z.string().trim().min(1).max(100),
  name: z.string().trim().min(1).max(80),
  role: z.enum(ROLES),
  entity: shortId.optional(),
});

const summary = z.object({
  id: z.string(),
  entity: shortId,
  name: localised,
  state: z.enum(CLIENT_STATES),
  origin: z.string(),
  version,
});

const difference = z.object({
  path: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
/** A change that waits for a second person; the service goes on as it is until then. */
const proposal = z.object({
  id: z.string(),
  /** The version of the service that it changes. */
  version,
  /** Whether that is the one in force: another can only be proposed anew. */
  current: z.boolean(),
  by: z.string(),
  at: instant,
  client: declaration,
  differences: z.array(difference),
});
export const service = summary.extend({
  client: declaration,
  /** Null where no change waits. */
  proposal: proposal.nullable(),
  /** What keeps it from going live. */
  missingForLive: z.array(z.enum(CHECKS)),
});
/** `secret` is null where none was made, and in an answer that is repeated for its idempotency key. */
export const createdService = service.extend({ secret: z.string().nullable() });
const developer = z.object({ id: z.string(), name: z.string(), current: z.boolean() });
const serviceVersion = z.object({ version, state: z.enum(CLIENT_STATES), at: instant, client: declaration });
const days = z.number().int().min(0).max(3650);
/** In days from now; without `days` the new secret does not end by itself, without `othersDays` the others go on. */
export const newSecret = z.strictObject({ days: days.min(1).optional(), othersDays: days.optional() });
const secret = z.object({
  id: z.string(),
  created: instant,
  expires: instant.nullable(),
  lastUsed: instant.nullable(),
});
export const createdSecret = z.object({ secret: z.string().nullable() });

/** What the token of a program allows: how many services, for how long, with addresses on which hosts. */
export const newRegistrationToken = z.strictObject({
  entity: shortId,
  hosts: z.array(z.string()).min(1).max(MOST_HOSTS),
  days: z.number().int().min(1).max(MOST_DAYS).default(30),
  uses: z.number().int().min(1).max(MOST_USES).default(1),
});
const registrationToken = z.object({
  id: z.string(),
  entity: shortId,
  hosts: z.array(z.string()),
  uses: z.number().int(),
  usesLeft: z.number().int(),
  expires: instant,
  revoked: z.boolean(),
});
export const createdRegistrationToken = registrationToken.extend({ secret: z.string().nullable() });

const contact = z.object({
  ipaCode: z.string(),
  vatNumber: z.string().optional(),
  fiscalCode: z.string().optional(),
  email: z.string(),
  telephone: z.string().optional(),
});
export const entity = z.object({
  id: shortId,
  entityId: z.string(),
  organization: z.object({ name: localised, displayName: localised, url: localised }),
  contact,
  locality: z.string(),
  attributeSets: z.array(
    z.object({ index: z.number().int(), name: z.string(), attributes: z.array(attributeName) }),
  ),
  aggregator: z.object({ id: z.string(), name: z.string(), contact }).optional(),
  privacyUrl: z.string().optional(),
});

/** What there is to say about signed metadata; `xml` is every byte of it, as UTF-8. */
const examined = z.object({
  /** Whether AgID and the providers would take it: no finding is an error. */
  acceptable: z.boolean(),
  findings: z.array(
    z.object({
      id: z.string(),
      rule: z.string(),
      severity: z.enum(['error', 'warning']),
      at: z.string(),
      found: z.string(),
      allowed: z.string(),
    }),
  ),
  /** What changes: of the draft against what is served, of a version against the one before. */
  differences: z.array(
    z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
  ),
  xml: z.string(),
});
export const metadataDraft = examined.extend({
  createdAt: instant,
  /** Whether it still says what is declared: only then can it be sealed. */
  current: z.boolean(),
  hasPreview: z.boolean(),
});
const versionState = z.object({
  version,
  sealedAt: instant,
  submittedAt: instant.nullable(),
  withdrawnAt: instant.nullable(),
  /** By provider; null stands for every provider that is not named. */
  inForce: z.array(z.object({ provider: z.string().nullable(), since: instant })),
});
export const metadataVersion = versionState.extend(examined.shape);
/** Without a provider: all have it. */
export const putInForce = z.strictObject({ provider: z.string().min(1).max(1024).optional() });

export const provider = z.object({
  entityId: z.string(),
  name: z.string(),
  disabled: z.object({ since: instant, notice: localised }).nullable(),
  keysUntil: z.array(instant),
});

export const refreshed = z.object({
  outcome: z.enum(['unchanged', 'changed', 'refused', 'unreachable']),
  /** What is the matter with AgID's registry. */
  problem: z.string().nullable(),
  changes: z.array(z.object({ provider: z.string(), change: z.string(), detail: z.string() })),
});

const pinCertificate = {
  /** SHA-256, hexadecimal. */
  fingerprint: z.string(),
  subject: z.string(),
  notBefore: instant,
  notAfter: instant,
  /** Kind and size: `RSA 4096`. */
  key: z.string(),
  /** Whether it signed the newest list that was taken, or the one that was refused last. */
  signed: z.enum(['list-in-use', 'list-refused']).nullable(),
  pem: z.string(),
};
/** A decision on a certificate that waits for a second person, in the console. */
const waitingPin = z.object({
  ...pinCertificate,
  id: z.string(),
  /** Whether it is to be pinned, or to count no more. */
  trusted: z.boolean(),
  by: z.string(),
  at: instant,
});
/** The certificates by which the registry's list is AgID's. */
export const registryPins = z.object({
  pins: z.array(
    z.object({
      ...pinCertificate,
      /** Whether the configuration pins it; if not, it was added at run time. */
      configured: z.boolean(),
      /** False: switched off in the console. */
      trusted: z.boolean(),
      decided: z.object({ proposedBy: z.string(), approvedBy: z.string(), at: instant }).nullable(),
    }),
  ),
  waiting: z.array(waitingPin),
  /** Who signed the list that was refused last, if it is nobody whose certificate counts. */
  unknown: z.object(pinCertificate).nullable(),
});
/** A certificate (PEM) to be pinned, or the fingerprint of a pinned one that is to count no more. */
export const newPinProposal = z.union([
  z.strictObject({ add: z.string().max(16_384) }),
  z.strictObject({ remove: z.string().max(200) }),
]);
export const pinProposal = z.object({ id: z.string() });

const administrator = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  entity: shortId.nullable(),
  name: z.string(),
});

const auditEntry = z.object({
  seq: z.number().int(),
  at: instant,
  actor: z.string(),
  via: z.string(),
  action: z.string(),
  outcome: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }).nullable(),
  entity: z.string().nullable(),
  address: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  hash: z.string(),
});

export const newInvitation = z.strictObject({
  guest: z.string().trim().min(1).max(80),
  entity: shortId,
  days: z.number().int().min(1).max(30),
  /** Whom it is for; whoever has the address where it is left out. */
  fiscalNumber: z.string().trim().min(1).max(100).optional(),
});
const invitation = z.object({
  id: z.string(),
  role: z.string(),
  entity: z.string(),
  guest: z.string(),
  invitedBy: z.string(),
  expiresAt: instant,
});

const count = z.number().int();
/** How many logins got how far; `value` is the day, source, provider, level or error that they have in common. */
const figure = z.object({
  value: z.string(),
  ...Object.fromEntries(LOGIN_STEPS.map((step) => [step, count])),
});
export const loginFigures = z.object({
  days: z.array(figure),
  bySource: z.array(figure),
  byProvider: z.array(figure),
  byLevel: z.array(figure),
  byError: z.array(figure),
});

const reportLine = z.object({
  /** Null for all bodies together. */
  entity: shortId.nullable(),
  /** `own-page`: a page of the gateway itself, which is no service and in no other line. */
  by: z.enum(LINES),
  value: z.string(),
  /** Null where the number is so small that it is kept back. */
  accesses: count.nullable(),
});
export const monthlyReport = z.object({ month: z.string(), lines: z.array(reportLine) });
export const monthPage = z.object({ items: z.array(z.string()), next: z.null() });

const key = z.object({
  kind: z.string(),
  id: z.string(),
  ends: instant,
  days: count,
  /** Something takes its place by itself. */
  followed: z.boolean(),
});
const setting = z.object({
  key: z.string(),
  /** Left out for a secret. */
  value: z.string().optional(),
  source: z.string(),
  place: z.string().optional(),
});

const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });
export const servicePage = page(summary);
export const versionPage = page(serviceVersion);
export const developerPage = page(developer);
export const secretPage = page(secret);
export const registrationTokenPage = page(registrationToken);
export const entityPage = page(entity);
export const metadataVersionPage = page(versionState);
export const providerPage = page(provider);
export const administratorPage = page(administrator);
export const auditPage = page(auditEntry);
export const invitationPage = page(invitation);
export const keyPage = page(key);
export const settingPage = page(setting);

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** Stable: programs may rely on it. */
  code: z.string(),
  detail: z.string(),
  reference: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** By the names that the description of the API gives them. */
export const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ServiceDeclaration: declaration,
  NewService: newService,
  Service: service,
  CreatedService: createdService,
  ServiceSummary: summary,
  ServiceProposal: proposal,
  ServicePage: servicePage,
  ServiceVersion: serviceVersion,
  ServiceVersionPage: versionPage,
  StateChange: stateChange,
  Developer: developer,
  DeveloperPage: developerPage,
  Handover: handover,
  Restoration: restoration,
  NewSecret: newSecret,
  Secret: secret,
  SecretPage: secretPage,
  CreatedSecret: createdSecret,
  NewRegistrationToken: newRegistrationToken,
  RegistrationToken: registrationToken,
  CreatedRegistrationToken: createdRegistrationToken,
  RegistrationTokenPage: registrationTokenPage,
  Entity: entity,
  EntityPage: entityPage,
  MetadataDraft: metadataDraft,
  MetadataVersion: metadataVersion,
  MetadataVersionState: versionState,
  MetadataVersionPage: metadataVersionPage,
  MetadataInForce: putInForce,
  Provider: provider,
  ProviderPage: providerPage,
  ProviderSwitch: switching,
  FederationRefreshed: refreshed,
  RegistryPins: registryPins,
  NewPinProposal: newPinProposal,
  PinProposal: pinProposal,
  Administrator: administrator,
  AdministratorPage: administratorPage,
  NewAdministrator: newGrant,
  NewInvitation: newInvitation,
  Invitation: invitation,
  InvitationPage: invitationPage,
  LoginFigure: figure,
  LoginFigures: loginFigures,
  MonthPage: monthPage,
  MonthlyReport: monthlyReport,
  Key: key,
  KeyPage: keyPage,
  Setting: setting,
  SettingPage: settingPage,
  AuditEntry: auditEntry,
  AuditPage: auditPage,
  Problem: problem,
};
