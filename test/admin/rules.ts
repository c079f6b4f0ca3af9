import type { Operation } from '../../src/admin/operations.ts';
import type { Role } from '../../src/admin/roles.ts';

/** What console and API let each role do: written down here once more, so that loosening a rule is a change of two files. */
export const RULES: Readonly<Record<Operation, readonly Role[]>> = {
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
  'register.consult': ['data-protection-officer'],
  'register.decide': ['union-administrator', 'data-protection-officer'],
  'invitations.read': ['union-administrator', 'municipality-administrator'],
  'invitations.change': ['union-administrator', 'municipality-administrator'],
  'administrators.read': ['union-administrator', 'municipality-administrator', 'auditor'],
  'administrators.change': ['union-administrator'],
  'administrators.revoke': ['union-administrator', 'municipality-administrator'],
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
  'keys.read': ['union-administrator', 'auditor'],
  'settings.read': ['union-administrator', 'auditor'],
  'audit.read': ['union-administrator', 'municipality-administrator', 'auditor', 'data-protection-officer'],
};
