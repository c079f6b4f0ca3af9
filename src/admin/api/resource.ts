import type { Api } from '../../clients/api.ts';
import { PROGRAM_ROLES } from '../roles.ts';

/** Where the administration API is, below the gateway's address. */
export const API_PATH = '/admin/api/v1';

/**
 * The administration API as one of the union's APIs: its tokens come from the gateway's own token endpoint, are for it
 * alone, and their scopes are the roles of the console. Opaque, so that what is taken back ends at once.
 */
export function administrationApi(publicUrl: string): Api {
  return {
    resource: `${publicUrl}${API_PATH}`,
    name: { it: 'API di amministrazione', en: 'Administration API' },
    scopes: PROGRAM_ROLES,
    tokenFormat: 'opaque',
    tokenMinutes: 10,
  };
}
