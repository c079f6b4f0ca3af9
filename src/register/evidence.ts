import { createHash, randomBytes } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** What proves an entry. Bytes stay exactly what they were. */
export interface Evidence {
  readonly [name: string]: EvidenceValue;
}
export type EvidenceValue =
  string | number | boolean | null | undefined | Uint8Array | readonly EvidenceValue[] | Evidence;

/** Largest evidence, in bytes: the largest message with room for what is written around it. */
const LIMIT = 4 * 1024 * 1024;

/**
 * Evidence as text. Bytes become characters of the same number, which compresses far better than base64. The salt keeps
 * the digest of short evidence from being guessed.
 */
export function evidenceText(evidence: Evidence): string {
  const salt = randomBytes(16).toString('base64url');
  return JSON.stringify({ salt, ...(written(evidence) as object) });
}

function written(value: EvidenceValue): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('latin1') };
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as Evidence).map(([name, part]) => [name, written(part)]));
}

export function parseEvidence(text: string): Evidence {
  const parsed = JSON.parse(text, (_key, value: unknown) =>
    isBytes(value) ? Buffer.from(value.$bytes, 'latin1') : value,
  ) as Evidence;
  return Object.fromEntries(Object.entries(parsed).filter(([name]) => name !== 'salt'));
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** @throws RangeError as `compressBytes` does */
export function compress(text: string): Uint8Array {
  return compressBytes(Buffer.from(text, 'utf8'));
}

/** @throws RangeError for what would be too large to be read back: nothing is written that nobody can read */
export function compressBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length > LIMIT) throw new RangeError(`${bytes.length} bytes of evidence; allowed: ${LIMIT}`);
  return zstdCompressSync(bytes);
}

export function decompress(bytes: Uint8Array): string {
  return decompressBytes(bytes).toString('utf8');
}

export function decompressBytes(bytes: Uint8Array): Buffer {
  return zstdDecompressSync(bytes, { maxOutputLength: LIMIT });
}

function isBytes(value: unknown): value is { readonly $bytes: string } {
  return typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string';
}
