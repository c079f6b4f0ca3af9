import type { EntityDeclaration } from '../entities/entity.ts';
import type { AttributeName } from '../identity/attributes.ts';
import type { Localised } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';
import type { Client } from './client.ts';
import type { LegalBasis } from './legal-basis.ts';
import { attributesFor } from './policy-rules.ts';
import type { ClientState } from './state.ts';

/** One kind of data that an activity needs, and why. */
export interface ProcessedData {
  readonly attribute: AttributeName;
  readonly purpose: Localised;
  readonly legalBasis: LegalBasis | undefined;
  readonly required: boolean;
  /** Otherwise it is looked at here and goes no further. */
  readonly released: boolean;
}

/** What one service does with the data of citizens (GDPR 30(1), letters b, c, d). */
export interface ProcessingActivity {
  readonly id: string;
  readonly name: Localised;
  readonly homePage: string;
  readonly state: ClientState;
  readonly minimumLevel: Level;
  readonly data: readonly ProcessedData[];
}

/** The activities of one body, who is their controller (letter a). */
export interface BodyRecord {
  readonly id: string;
  readonly name: Localised;
  readonly contact: { readonly email: string; readonly ipaCode: string };
  readonly privacyUrl: string;
  /** How long the transactions of its logins are kept, in months (letter f). */
  readonly registerMonths: number;
  readonly activities: readonly ProcessingActivity[];
}

export interface RecordedClient {
  readonly client: Client;
  readonly state: ClientState;
}

/**
 * The record of processing activities as far as the gateway knows it, from what services are registered with: the same
 * texts that citizens read before they sign in.
 * @param options.privacyUrl of the gateway, for bodies without a notice of their own
 */
export function processingRecord(
  entities: readonly EntityDeclaration[],
  clients: readonly RecordedClient[],
  options: { readonly privacyUrl: string; readonly registerMonths: (entityId: string) => number },
): BodyRecord[] {
  return entities.map(({ id, organization, contact, privacyUrl }) => ({
    id,
    name: organization.name,
    contact: { email: contact.email, ipaCode: contact.ipaCode },
    privacyUrl: privacyUrl ?? options.privacyUrl,
    registerMonths: options.registerMonths(id),
    activities: clients
      .filter(({ client, state }) => client.entity === id && state !== 'retired')
      .map(activity)
      .sort((a, b) => a.id.localeCompare(b.id)),
  }));
}

const AGE: Localised = {
  it: 'verificare l’età; la data non è comunicata al servizio',
  en: 'to check the age; the date is not told to the service',
};

function activity({ client, state }: RecordedClient): ProcessingActivity {
  const { id, name, homePage, minimumLevel } = client;
  const wanted = client.attributes.map(
    ({ name: attribute, purpose, legalBasis, required }): ProcessedData => ({
      attribute,
      purpose,
      legalBasis,
      required,
      released: true,
    }),
  );
  const lookedAt = attributesFor(client)
    .filter((attribute) => !wanted.some((data) => data.attribute === attribute))
    .map((attribute): ProcessedData => ({
      attribute,
      purpose: AGE,
      legalBasis: undefined,
      required: true,
      released: false,
    }));
  return { id, name, homePage, state, minimumLevel, data: [...wanted, ...lookedAt] };
}
