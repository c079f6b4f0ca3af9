import type { Client } from './client.ts';

/** The sector of all clients with public subjects. */
export const PUBLIC_SECTOR = 'public';

/** The sector of the gateway's own pages. */
export const OWN_SECTOR = 'gateway';

/** Clients of one sector see the same `sub` for the same person (one-identity, 3). */
export function sectorOf(client: Client): string {
  return client.protocol?.publicSubject === undefined ? client.sector : PUBLIC_SECTOR;
}
