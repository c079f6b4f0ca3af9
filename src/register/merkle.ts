import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';

const BYTES = 32;

/**
 * A Merkle tree as in RFC 9162, 2.1: its root stands for any number of hashes, and a few hashes beside the way from one
 * of them to the root prove that it is under it, without showing any other.
 */
export class MerkleTree {
  /** Level 0 are the leaves; each level is half of the one below, an odd last node moves up as it is. */
  readonly #levels: Buffer[];

  private constructor(levels: Buffer[]) {
    this.#levels = levels;
  }

  /** @param hashes what the leaves are of, in order; at least one. Of many, logins have their turn in between. */
  static async of(hashes: readonly Uint8Array[]): Promise<MerkleTree> {
    let level = await inTurns(hashes.length, (at) => leafHash(hashes[at] ?? Buffer.alloc(0)));
    const levels = [level];
    while (level.length > BYTES) {
      const below = level;
      const children = (at: number) => below.subarray(2 * at * BYTES, 2 * (at + 1) * BYTES);
      level = await inTurns(Math.ceil(below.length / (2 * BYTES)), (at) => parent(children(at)));
      levels.push(level);
    }
    return new MerkleTree(levels);
  }

  get root(): Buffer {
    return this.#levels.at(-1) ?? Buffer.alloc(0);
  }

  /** The hashes beside the way from a leaf to the root, from below (RFC 9162, 2.1.3). */
  path(index: number): Buffer[] {
    const path: Buffer[] = [];
    let at = index;
    for (const level of this.#levels.slice(0, -1)) {
      const beside = at ^ 1;
      if (beside * BYTES < level.length) path.push(level.subarray(beside * BYTES, (beside + 1) * BYTES));
      at >>= 1;
    }
    return path;
  }
}

/** Nodes made at once. */
const BATCH = 2000;

async function inTurns(count: number, node: (at: number) => Uint8Array): Promise<Buffer> {
  const level = Buffer.alloc(count * BYTES);
  for (let at = 0; at < count; at++) {
    level.set(node(at), at * BYTES);
    if (at % BATCH === BATCH - 1) await othersTurn();
  }
  return level;
}

function leafHash(hash: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(hash).digest();
}

/** An odd last node moves up as it is. */
function parent(children: Uint8Array): Uint8Array {
  if (children.length < 2 * BYTES) return children;
  return createHash('sha256').update(Buffer.of(1)).update(children).digest();
}
