import type { X509Certificate } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Queryable } from '../../store/store.ts';
import { hashAt, hashedFields } from '../chain.ts';
import type { UnopenedEntry } from '../entry.ts';
import { readSeal, sealedTree, sealsOf, type SealRow, type Statement } from '../seal.ts';

/**
 * What shows anybody that an entry stood in the chain when it was sealed: its hash from its fields and the hash before,
 * and the way from that hash to the root that the seal signs (docs/register.md, "The signed package").
 */
export interface Proof {
  readonly entity: string;
  readonly number: number;
  /** What the hash is of, in this order, the last value being the hash of the entry before. */
  readonly fields: readonly (string | number | null)[];
  readonly hash: string;
  /** Undefined where what stood beside it has been destroyed since, or the seal is from before there were trees. */
  readonly seal?: {
    readonly file: string;
    /** Place among the entries under the root, from 0, and how many those are. */
    readonly index: number;
    readonly size: number;
    readonly path: readonly string[];
  };
}

export interface Proofs {
  /** Each as JSON: there are as many as entries. */
  readonly proofs: readonly string[];
  /** Contents by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What the seals that prove these entries say, for the report. */
  readonly seals: readonly Statement[];
}

/** Proofs of entries of one entity, and the seals they lead to. @param rows in the order of their numbers */
export async function proofsOf(
  db: Queryable,
  entityId: string,
  rows: readonly UnopenedEntry[],
): Promise<Proofs> {
  const proofs: string[] = [];
  const add = async (proof: Proof) => {
    proofs.push(JSON.stringify(proof, null, 2));
    // SQLite answers at once: without this logins would wait for thousands.
    await othersTurn();
  };
  const files = new Map<string, Uint8Array>();
  const said: Statement[] = [];
  const wanted = [...rows];
  for (const seal of await sealsOf(db, entityId)) {
    const under = wanted.splice(0, wanted.findLastIndex(({ seq }) => seq <= seal.seq) + 1);
    if (under.length === 0) continue;
    const { said: statement, certificate } = await readSeal(seal.jws);
    const file = sealFile(seal);
    const { tree } = statement;
    const hashes = tree && (await sealedTree(db, entityId, tree.first, seal.seq));
    for (const [name, content] of sealFiles(file, seal, certificate)) files.set(name, content);
    said.push(statement);
    for (const row of under) {
      const index = row.seq - (tree?.first ?? 0);
      const path = hashes?.path(index).map((hash) => hash.toString('base64url'));
      await add({
        ...(await proofOf(db, row)),
        ...(tree && path ? { seal: { file, index, size: seal.seq - tree.first + 1, path } } : {}),
      });
    }
  }
  for (const row of wanted) await add(await proofOf(db, row));
  return { proofs, files, seals: said };
}

async function proofOf(db: Queryable, row: UnopenedEntry): Promise<Proof> {
  const fields = [...hashedFields(row), await hashAt(db, row.entity_id, row.seq - 1)];
  return { entity: row.entity_id, number: row.seq, fields, hash: row.hash };
}

/** A seal, and its parts as openssl wants them. */
function sealFiles(
  file: string,
  { jws, timestamp }: SealRow,
  certificate: X509Certificate,
): (readonly [string, Uint8Array])[] {
  const [, said = '', signature = ''] = jws.split('.');
  const name = file.replace(/\.jws$/, '');
  return [
    [file, Buffer.from(jws)],
    [`${name}.json`, Buffer.from(said, 'base64url')],
    [`${name}.sig`, Buffer.from(signature, 'base64url')],
    [`${name}.pem`, Buffer.from(certificate.toString())],
    ...(timestamp ? [[`${file}.tst`, timestamp] as const] : []),
  ];
}

function sealFile({ entity_id, seq }: SealRow): string {
  return `sigilli/${entity_id}-${seq}.jws`;
}
