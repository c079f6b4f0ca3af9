import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { Refused } from '../operations/errors.ts';
import type { EntityRegister } from './register.ts';

/** What is sent to AgID in one mail (spid-aggregator, 9). */
export interface MetadataBatch {
  /** ZIP of one XML for each body and one JSON that sums them up. */
  readonly zip: Uint8Array;
  readonly summary: BatchSummary;
}

export interface BatchSummary {
  readonly createdAt: string;
  readonly metadata: readonly BatchEntry[];
}

export interface BatchEntry {
  readonly file: string;
  readonly entity: string;
  readonly version: number;
  readonly entityID: string;
  readonly organizationName: string;
  readonly ipaCode: string;
  readonly aggregatorIpaCode: string | undefined;
  readonly change: 'new' | 'changed' | 'unchanged';
  /** SHA-256 of the XML, hexadecimal. */
  readonly sha256: string;
}

/**
 * The newest sealed metadata of each body that was not sent yet, ready to be mailed.
 * @param ids only these, sent or not
 * @throws Refused `nothing_to_send`, `entity_unknown`
 */
export async function metadataBatch(
  register: EntityRegister,
  now: Date,
  ids: readonly string[] = [],
): Promise<MetadataBatch> {
  await register.fresh();
  const unknown = ids.find((id) => !register.get(id));
  if (unknown) throw new Refused('entity_unknown', `no entity ${unknown} takes part`, { status: 404 });
  const entities = register.list().filter(({ id }) => ids.length === 0 || ids.includes(id));
  const parts: { entry: BatchEntry; bytes: Uint8Array }[] = [];
  for (const entity of entities) {
    const versions = await register.versions.list(entity.id);
    const newest = versions.find(({ withdrawnAt }) => withdrawnAt === undefined);
    if (!newest || (ids.length === 0 && newest.submittedAt)) continue;
    const bytes = await register.versions.bytes(entity.id, newest.version);
    const inForce = versions.filter((version) => version.inForce.length > 0);
    parts.push({
      bytes,
      entry: {
        file: `${entity.id}-v${newest.version}.xml`,
        entity: entity.id,
        version: newest.version,
        entityID: entity.entityId,
        organizationName: entity.organization.name.it,
        ipaCode: entity.contact.ipaCode,
        aggregatorIpaCode: entity.aggregator?.contact.ipaCode,
        change: inForce.length === 0 ? 'new' : inForce.includes(newest) ? 'unchanged' : 'changed',
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    });
  }
  if (parts.length === 0)
    throw new Refused(
      'nothing_to_send',
      'every sealed version was sent already; name entities to export them again',
      {
        status: 409,
      },
    );
  const summary = { createdAt: now.toISOString(), metadata: parts.map(({ entry }) => entry) };
  const files = Object.fromEntries(parts.map(({ entry, bytes }) => [entry.file, Buffer.from(bytes)]));
  const json = strToU8(`${JSON.stringify(summary, null, 2)}\n`);
  return { summary, zip: zipSync({ ...files, 'summary.json': json }, { mtime: now }) };
}
