import { copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { cipherOf } from '../../src/keys/cipher.ts';
import { RegisterKeys } from '../../src/register/keys.ts';
import { keyDirectory, masterKey } from '../support/register.ts';

const PLAIN = Buffer.from('evidence');

describe('The keys of the register', () => {
  let directory: string;
  let file: string;
  const open = (master = masterKey) => new RegisterKeys(directory, master).begin('unione');

  beforeEach(() => {
    directory = keyDirectory();
    file = join(directory, 'register-unione.json');
  });

  it('open what they sealed, after a restart too, each month under a key of its own', () => {
    const sealed = open().seal('2026-03', PLAIN, 'here');
    expect(open().open(sealed, 'here')).toEqual(PLAIN);
    const asApril = Buffer.from(sealed);
    asApril.write('2026-04', 1);
    expect(() => open().open(asApril, 'here')).toThrow('altered or belongs elsewhere');
    expect(() => open().open(sealed, 'there')).toThrow('altered or belongs elsewhere');
  });

  it('are one set for each entity', () => {
    const keys = new RegisterKeys(directory, masterKey);
    const sealed = keys.begin('unione').seal('2026-03', PLAIN, 'here');
    expect(() => keys.begin('comune').open(sealed, 'here')).toThrow('altered or belongs elsewhere');
    expect(keys.of('unione').mac('x')).not.toBe(keys.of('comune').mac('x'));
    expect(keys.of('unione').id).not.toBe(keys.of('comune').id);
  });

  it('are never made anew for whoever only wants those there are', () => {
    expect(() => new RegisterKeys(directory, masterKey).of('unione')).toThrow(
      'restore register-unione.json from a copy',
    );
    expect(existsSync(file)).toBe(false);
  });

  it('of a month that was destroyed open nothing any more: not here, not after a restart, not with the master key', () => {
    const keys = open();
    const [march, april] = ['2026-03', '2026-04'].map((month) => keys.seal(month, PLAIN, 'here'));
    const proof = keys.mac('x');
    keys.destroyThrough('2026-03');
    for (const later of [keys, open()]) {
      expect(() => later.open(march ?? PLAIN, 'here')).toThrow("the register's key of 2026-03 was destroyed");
      expect(later.open(april ?? PLAIN, 'here')).toEqual(PLAIN);
      expect(later.mac('x')).toBe(proof);
      expect(later.oldest).toBe('2026-04');
    }
    keys.destroyThrough('2026-01');
    expect(keys.oldest).toBe('2026-04');
  });

  it('refuse a file that is damaged', () => {
    writeFileSync(file, '{}', { mode: 0o600 });
    expect(() => open()).toThrow('not as it was written');
  });

  it("are their owner's alone, and sealed", () => {
    open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => open(cipherOf([{ id: 'master', key: new Uint8Array(32).fill(9) }]))).toThrow(
      'cannot be opened with the master key',
    );
  });

  it('moved to another entity do not open', () => {
    open();
    copyFileSync(file, join(directory, 'register-comune.json'));
    expect(() => new RegisterKeys(directory, masterKey).of('comune')).toThrow(
      'cannot be opened with the master key',
    );
  });

  it('refuse months that no clock of ours reaches', () => {
    expect(() => open().seal('9999-01', PLAIN, 'here')).toThrow('names no month');
    expect(() => open().open(Buffer.of(3, 97, 98, 99), 'here')).toThrow('names no month');
  });
});
