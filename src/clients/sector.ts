import type { Client } from './client.ts';

/** The sector of all clients with public subjects. */
export const PUBLIC_SECTOR = 'public';

/** Clients of one sector see the same `sub` for the same person (one-identity, 3). */
export function sectorOf(client: Client): string {
  return client.protocol?.publicSubject === undefined ? client.sector : PUBLIC_SECTOR;
}
