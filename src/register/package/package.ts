import { createHash } from 'node:crypto';
import type { Clock } from '../../operations/clock.ts';
import type { Store } from '../../store/store.ts';
import { writtenScope, type Consultation } from '../consultation/consultation.ts';
import type { UnopenedEntry } from '../entry.ts';
import type { OpenedEntry, Register } from '../register.ts';
import { sealHead, type SealOptions, type Statement } from '../seal.ts';
import { Archive } from './archive.ts';
import { proofsOf } from './proof.ts';
import { README } from './readme.ts';
import { Report, type ReportedEntry } from './report.ts';
import { messageOf, verifySignatures, type MetadataVersion, type SignatureFinding } from './signatures.ts';
import type { Names } from './wording.ts';

export interface PackageParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly register: Register;
  /** Who signs the package is who seals the register. */
  readonly seals: SealOptions;
  /** What the report calls services, providers and bodies. */
  readonly names: (clientIds: readonly string[]) => Promise<Names>;
}

/** Entries of some transactions, unopened, transaction by transaction. */
export type Stories = readonly (readonly UnopenedEntry[])[];

/** Seals what was added to these entities' chains since their last seals, so that it can be proved. */
export async function sealStories({ seals, register }: PackageParts, stories: Stories): Promise<void> {
  for (const entityId of entitiesOf(stories)) await sealHead(seals, entityId, register.keys.of(entityId));
}

/**
 * A package that stands by itself: messages as they were, what verified them then, the proof that they stood in the
 * chain, a report to read, and a signature over the hashes of all of it (docs/register.md, "The signed package"). Bytes of
 * a ZIP, made as they are read: entries are opened one by one, and logins have their turn in between.
 * @throws Unavailable `register_entry_gone` when retention has destroyed one meanwhile: then the ZIP has no end
 */
export async function* packageOf(
  parts: PackageParts,
  consultation: Consultation,
  stories: Stories,
): AsyncGenerator<Uint8Array> {
  const { store, clock } = parts;
  const rows = stories.flat();
  const names = await parts.names([...new Set(rows.flatMap(({ client_id }) => client_id ?? []))]);
  const madeAt = clock.now();
  const archive = new Archive(madeAt);
  const verifier = new Verifier(parts);
  const report = new Report(names);
  const listed: string[] = [];
  for (const [at, story] of stories.entries()) {
    const reported: ReportedEntry[] = [];
    for await (const opened of parts.register.opening(store.db, story)) {
      const number = [at + 1, reported.length + 1].map((one) => String(one).padStart(3, '0')).join('-');
      const found = await verifier.verify(opened);
      const entry = { ...opened, ...found, name: `${number}-${opened.summary.kind}` };
      for (const [name, content] of filesOf(entry, found.metadata))
        if (!archive.has(name)) yield archive.file(name, content);
      reported.push(entry);
    }
    report.add(reported);
    listed.push(...reported.map((entry) => json(listedEntry(entry))));
  }
  const seals: Statement[] = [];
  for (const entityId of entitiesOf(stories)) {
    const ofEntity = rows.filter(({ entity_id }) => entity_id === entityId).sort((a, b) => a.seq - b.seq);
    const proof = await proofsOf(store.db, entityId, ofEntity);
    yield archive.file(`catena/${entityId}.json`, ...jsonList(proof.proofs), '\n');
    for (const [name, content] of proof.files) yield archive.file(name, content);
    seals.push(...proof.seals);
  }
  yield archive.file('relazione.html', ...report.pages({ consultation, stories, seals, madeAt }));
  yield archive.file('LEGGIMI.txt', README);
  const { id, asker, decider, reason, scope } = consultation;
  const about = { id, asker, decider, reason, scope: writtenScope(scope) };
  const head = { format: 'spid-gateway-register-package', version: 2, madeAt, consultation: about };
  yield archive.file(
    'manifest.json',
    `${json(head).slice(0, -2)},\n  "entries": `,
    ...jsonList(listed),
    '\n}\n',
  );
  const [one, ...others] = entitiesOf(stories);
  const signer = parts.seals.signer(others.length === 0 ? (one ?? '') : '');
  yield archive.file('certificato.pem', pem(signer.certificate));
  const sums = archive.sums();
  const { detachedSignature } = await import('./cms.ts');
  yield archive.file('SHA256SUMS', sums);
  yield archive.file('SHA256SUMS.p7s', detachedSignature(Buffer.from(sums), signer, madeAt));
  yield archive.end();
}

function entitiesOf(stories: Stories): string[] {
  return [...new Set(stories.flatMap((story) => story.map(({ entity_id }) => entity_id)))].sort();
}

/** What goes into the package of one entry, by name; certificates and metadata are of several. */
function* filesOf(
  { name, text, evidence, message, signatures }: ReportedEntry,
  metadata: readonly MetadataVersion[],
): Generator<readonly [string, string | Uint8Array]> {
  yield [`prove/${name}.json`, text];
  if (message) yield [`messaggi/${name}.xml`, message];
  if (typeof evidence['query'] === 'string') yield [`messaggi/${name}.query.txt`, evidence['query']];
  for (const { hash, bytes } of metadata) yield [`metadata/${hash}.xml`, bytes];
  for (const { key } of signatures)
    if (key?.certificate) yield [`certificati/${key.certificate.fingerprint}.pem`, key.certificate.pem];
}

/** Verifies the signatures of entries by what counted then. What many entries name is read once. */
class Verifier {
  readonly #parts: PackageParts;
  readonly #own = new Map<string, readonly MetadataVersion[]>();
  readonly #provided = new Map<string, MetadataVersion | undefined>();

  constructor(parts: PackageParts) {
    this.#parts = parts;
  }

  /** @returns the message with its signatures, and the metadata in force then that were found */
  async verify(entry: OpenedEntry): Promise<{
    readonly message: Uint8Array | undefined;
    readonly signatures: readonly SignatureFinding[];
    readonly metadata: readonly MetadataVersion[];
  }> {
    const own = await this.#ownOf(entry.row.entity_id);
    const provider = await this.#providerOf(entry);
    const signatures = verifySignatures(entry, { own, provider });
    const named = own.filter(({ hash }) => signatures.some(({ key }) => key?.metadata === hash));
    return { message: messageOf(entry), signatures, metadata: provider ? [provider, ...named] : named };
  }

  async #ownOf(entityId: string): Promise<readonly MetadataVersion[]> {
    const known = this.#own.get(entityId) ?? (await ownMetadata(this.#parts.store, entityId));
    this.#own.set(entityId, known);
    return known;
  }

  async #providerOf({ evidence }: OpenedEntry): Promise<MetadataVersion | undefined> {
    const hash = evidence['providerMetadata'];
    if (typeof hash !== 'string') return undefined;
    if (!this.#provided.has(hash)) {
      const bytes = await this.#parts.register.document(this.#parts.store.db, hash);
      this.#provided.set(hash, bytes && { hash, bytes });
    }
    return this.#provided.get(hash);
  }
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

/** An entry as the manifest has it. */
function listedEntry({ name, summary, row, signatures }: ReportedEntry): unknown {
  return {
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
  };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** A JSON list of what is JSON already, piece by piece. */
function* jsonList(values: readonly string[]): Generator<string> {
  yield '[';
  for (const [at, value] of values.entries()) yield `${at === 0 ? '' : ','}\n${value}`;
  yield ']';
}

function pem(certificate: string): string {
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
