import { createHash } from 'node:crypto';

const BYTES = 32;

/**
 * A Merkle tree as in RFC 9162, 2.1: its root stands for any number of hashes, and a few hashes beside the way from one
 * of them to the root prove that it is under it, without showing any other.
 */
export class MerkleTree {
  /** Level 0 are the leaves; each level is half of the one below, an odd last node moves up as it is. */
  readonly #levels: Buffer[];

  /** @param hashes what the leaves are of, in order; at least one */
  constructor(hashes: readonly Uint8Array[]) {
    this.#levels = [Buffer.concat(hashes.map(leafHash))];
    for (let level = this.#levels[0]; level && level.length > BYTES; level = this.#levels.at(-1))
      this.#levels.push(parents(level));
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

function leafHash(hash: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(hash).digest();
}

function nodeHash(children: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(children).digest();
}

function parents(level: Buffer): Buffer {
  const nodes: Buffer[] = [];
  for (let at = 0; at < level.length; at += 2 * BYTES) {
    const children = level.subarray(at, at + 2 * BYTES);
    nodes.push(children.length === 2 * BYTES ? nodeHash(children) : children);
  }
  return Buffer.concat(nodes);
}
