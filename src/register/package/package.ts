import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { zipSync } from 'fflate';
import type { Clock } from '../../operations/clock.ts';
import type { Store } from '../../store/store.ts';
import { writtenScope, type Consultation } from '../consultation/consultation.ts';
import type { OpenedEntry, Register } from '../register.ts';
import { sealHead, type SealOptions } from '../seal.ts';
import { proofsOf } from './proof.ts';
import { README } from './readme.ts';
import { reportPage, type Names, type ReportedEntry } from './report.ts';
import { messageOf, verifySignatures, type MetadataVersion } from './signatures.ts';

export interface PackageParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly register: Register;
  /** Who signs the package is who seals the register. */
  readonly seals: SealOptions;
  /** What the report calls services, providers and bodies. */
  readonly names: (clientIds: readonly string[]) => Promise<Names>;
}

/**
 * A package that stands by itself: messages as they were, what verified them then, the proof that they stood in the
 * chain, a report to read, and a signature over the hashes of all of it (docs/register.md, "The signed package").
 * @param entries whole transactions, in order
 */
export async function makePackage(
  parts: PackageParts,
  consultation: Consultation,
  entries: readonly OpenedEntry[],
): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const reported = await addEntries(parts, entries, files);
  const entityIds = [...new Set(entries.map(({ row }) => row.entity_id))].sort();
  const seals = [];
  for (const entityId of entityIds) {
    // What was added since the last seal is sealed now, so that it can be proved.
    await sealHead(parts.seals, entityId, parts.register.keys.of(entityId));
    const rows = entries.flatMap(({ row }) => (row.entity_id === entityId ? [row] : []));
    const proof = await proofsOf(
      parts.store.db,
      entityId,
      rows.sort((a, b) => a.seq - b.seq),
    );
    files.set(`catena/${entityId}.json`, json(proof.proofs));
    for (const [name, content] of proof.files) files.set(name, content);
    seals.push(...proof.seals);
  }
  const madeAt = parts.clock.now();
  const signer = parts.seals.signer(entityIds.length === 1 ? (entityIds[0] ?? '') : '');
  const report = { consultation, entries: reported, seals, madeAt };
  const clientIds = new Set(entries.flatMap(({ row }) => row.client_id ?? []));
  files.set('relazione.html', text(reportPage(report, await parts.names([...clientIds]))));
  files.set('LEGGIMI.txt', text(README));
  files.set('manifest.json', json(manifestOf(consultation, reported, madeAt)));
  files.set('certificato.pem', text(pem(signer.certificate)));
  const sums = text(
    [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
      .join(''),
  );
  const { detachedSignature } = await import('./cms.ts');
  files.set('SHA256SUMS', sums);
  files.set('SHA256SUMS.p7s', detachedSignature(sums, signer, madeAt));
  return zipSync(Object.fromEntries(files), { mtime: madeAt });
}

/** Messages, evidence and metadata as files; each entry with what its signatures are worth. */
async function addEntries(
  { store, register }: PackageParts,
  entries: readonly OpenedEntry[],
  files: Map<string, Uint8Array>,
): Promise<ReportedEntry[]> {
  const own = new Map<string, readonly MetadataVersion[]>();
  const provided = new Map<string, MetadataVersion | undefined>();
  const reported: ReportedEntry[] = [];
  for (const [at, entry] of entries.entries()) {
    // Thousands of signatures: logins have their turn in between.
    await othersTurn();
    const { entity_id } = entry.row;
    if (!own.has(entity_id)) own.set(entity_id, await ownMetadata(store, entity_id));
    const hash = entry.evidence['providerMetadata'];
    if (typeof hash === 'string' && !provided.has(hash)) {
      const bytes = await register.document(store.db, hash);
      provided.set(hash, bytes && { hash, bytes });
    }
    const provider = typeof hash === 'string' ? provided.get(hash) : undefined;
    const name = `${String(at + 1).padStart(4, '0')}-${entry.summary.kind}`;
    const signatures = verifySignatures(entry, { own: own.get(entity_id) ?? [], provider });
    files.set(`prove/${name}.json`, text(entry.text));
    const message = messageOf(entry);
    if (message) files.set(`messaggi/${name}.xml`, message);
    const { query } = entry.evidence;
    if (typeof query === 'string') files.set(`messaggi/${name}.query.txt`, text(query));
    if (provider) files.set(`metadata/${provider.hash}.xml`, provider.bytes);
    for (const { key } of signatures) {
      const version = own.get(entity_id)?.find((one) => one.hash === key?.metadata);
      if (version) files.set(`metadata/${version.hash}.xml`, version.bytes);
      if (key?.certificate)
        files.set(`certificati/${key.certificate.fingerprint}.pem`, text(key.certificate.pem));
    }
    reported.push({ ...entry, name, message, signatures });
  }
  return reported;
}

/** Every version of an entity's own metadata, newest first: immutable, so what was in force then is among them. */
async function ownMetadata({ db }: Store, entityId: string): Promise<MetadataVersion[]> {
  const rows = await db
    .selectFrom('metadata_versions')
    .select('bytes')
    .where('entity_id', '=', entityId)
    .orderBy('version', 'desc')
    .execute();
  return rows.map(({ bytes }) => ({
    hash: createHash('sha256').update(bytes).digest('base64url'),
    bytes,
  }));
}

function manifestOf(consultation: Consultation, entries: readonly ReportedEntry[], madeAt: Date): unknown {
  const { id, asker, decider, reason, scope } = consultation;
  return {
    format: 'spid-gateway-register-package',
    version: 1,
    madeAt,
    consultation: { id, asker, decider, reason, scope: writtenScope(scope) },
    entries: entries.map(({ name, summary, row, signatures }) => ({
      name,
      ...summary,
      digest: row.digest,
      hash: row.hash,
      signatures: signatures.map(({ key, ...finding }) => ({
        ...finding,
        publicKey: key?.publicKey,
        certificate: key?.certificate?.fingerprint,
        metadata: key?.metadata,
      })),
    })),
  };
}

function json(value: unknown): Uint8Array {
  return text(`${JSON.stringify(value, null, 2)}\n`);
}

function text(content: string): Uint8Array {
  return Buffer.from(content, 'utf8');
}

function pem(certificate: string): string {
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
