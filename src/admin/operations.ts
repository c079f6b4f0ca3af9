import { covers, coversService, scopeOf, type Grant, type Role } from './roles.ts';

/** What can be done in the console and by the API, and by whom. A route without an operation does not compile. */
export const OPERATIONS = {
  'services.read': [
    'union-administrator',
    'municipality-administrator',
    'auditor',
    'data-protection-officer',
    'service-developer',
  ],
  'services.register': ['union-administrator', 'municipality-administrator', 'service-developer'],
  'services.change': ['union-administrator', 'municipality-administrator'],
  'services.handover': ['union-administrator', 'municipality-administrator', 'service-developer'],
  'registration-tokens.read': ['union-administrator', 'municipality-administrator', 'auditor'],
  'registration-tokens.change': ['union-administrator', 'municipality-administrator'],
  'logins.read': [
    'union-administrator',
    'municipality-administrator',
    'auditor',
    'data-protection-officer',
    'service-developer',
  ],
  'trace.read': ['union-administrator', 'municipality-administrator', 'auditor', 'service-developer'],
  'reports.read': ['union-administrator', 'municipality-administrator', 'auditor', 'data-protection-officer'],
  // The content of the register: whoever looks, and whoever agrees that she looks.
  'register.consult': ['data-protection-officer'],
  'register.decide': ['union-administrator', 'data-protection-officer'],
  'invitations.read': ['union-administrator', 'municipality-administrator'],
  'invitations.change': ['union-administrator', 'municipality-administrator'],
  'administrators.read': ['union-administrator', 'municipality-administrator', 'auditor'],
  'administrators.change': ['union-administrator'],
  'administrators.revoke': ['union-administrator', 'municipality-administrator'],
  'keys.read': ['union-administrator', 'auditor'],
  'entities.read': [
    'union-administrator',
    'municipality-administrator',
    'auditor',
    'data-protection-officer',
  ],
  'entities.change': ['union-administrator'],
  'providers.read': [
    'union-administrator',
    'municipality-administrator',
    'auditor',
    'data-protection-officer',
  ],
  'providers.change': ['union-administrator'],
  'settings.read': ['union-administrator', 'auditor'],
  'audit.read': ['union-administrator', 'municipality-administrator', 'auditor', 'data-protection-officer'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Operation = keyof typeof OPERATIONS;

/** Whether somebody may do something; to a body, where one is named. */
export function mayDo(
  { grants }: { readonly grants: readonly Grant[] },
  operation: Operation,
  entityId?: string,
): boolean {
  const scope = scopeOf(grants, OPERATIONS[operation]);
  return scope !== undefined && (entityId === undefined || covers(scope, entityId));
}

/** The same of a service: of a body that is hers, or her own. */
export function mayDoWith(
  { grants }: { readonly grants: readonly Grant[] },
  operation: Operation,
  client: { readonly id: string; readonly entity: string },
): boolean {
  const scope = scopeOf(grants, OPERATIONS[operation]);
  return scope !== undefined && coversService(scope, client);
}
