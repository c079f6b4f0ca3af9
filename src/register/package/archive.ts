import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { Zip, type ZipInputFile } from 'fflate';
import { Refused } from '../../operations/errors.ts';

/** Compresses beside the event loop. */
const deflated = promisify(deflateRaw);

/** The method of compression, as ZIP numbers it. */
const DEFLATE = 8;

/** What a ZIP without extensions can count: files, and bytes. */
const MOST_FILES = 0xffff;
const MOST_BYTES = 0xffffffff;

/** Bytes of a file hashed at once. */
const AT_ONCE = 1024 * 1024;

/** A ZIP that is made file by file, each handed on as soon as it is there: what it takes of memory is its largest file. */
export class Archive {
  readonly #at: Date;
  readonly #zip: Zip;
  readonly #sums = new Map<string, string>();
  #made: Uint8Array[] = [];
  #bytes = 0;

  /** @param at when its files are said to have been made */
  constructor(at: Date) {
    this.#at = at;
    this.#zip = new Zip((error, bytes) => {
      if (error) throw error;
      this.#made.push(bytes);
    });
  }

  has(name: string): boolean {
    return this.#sums.has(name);
  }

  /** SHA-256 of every file so far, as `sha256sum` writes and checks them. */
  sums(): string {
    return [...this.#sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, sum]) => `${sum}  ${name}\n`)
      .join('');
  }

  /**
   * Adds a file.
   * @param pieces of its content
   * @returns the bytes of the archive up to its end
   * @throws Refused `export_large` for what no ZIP can hold
   */
  async file(name: string, ...pieces: readonly (string | Uint8Array)[]): Promise<Uint8Array> {
    const hash = createHash('sha256');
    const content: Uint8Array[] = [];
    let [size, crc, turn] = [0, 0, AT_ONCE];
    for (const one of pieces) {
      const piece = Buffer.from(one);
      hash.update(piece);
      crc = crc32(piece, crc);
      size += piece.length;
      content.push(piece);
      if (size < turn) continue;
      turn = size + AT_ONCE;
      await othersTurn();
    }
    this.#sums.set(name, hash.digest('hex'));
    const file: ZipInputFile = { filename: name, size, crc, compression: DEFLATE, mtime: this.#at };
    this.#zip.add(file);
    file.ondata?.(null, await deflated(Buffer.concat(content)), true);
    const made = this.#handOn();
    this.#bytes += made.length;
    if (this.#sums.size > MOST_FILES || this.#bytes > MOST_BYTES)
      throw new Refused('export_large', 'more than fits into a ZIP: take several shorter periods', {
        status: 413,
      });
    return made;
  }

  /** @returns the last bytes of the archive */
  end(): Uint8Array {
    this.#zip.end();
    return this.#handOn();
  }

  #handOn(): Uint8Array {
    const made = Buffer.concat(this.#made);
    this.#made = [];
    return made;
  }
}
