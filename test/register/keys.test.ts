import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { cipherOf } from '../../src/keys/cipher.ts';
import { masterKeyCommand } from '../../src/keys/master-key.ts';
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

  describe('under another master key', () => {
    const next = cipherOf([{ id: 'master', key: new Uint8Array(32).fill(9) }]);
    const both = () => new RegisterKeys(directory, next, masterKey);

    it('are the same keys, and the old one opens them no more', () => {
      const before = open();
      const sealed = before.seal('2026-03', PLAIN, 'here');
      expect(both().wrapping('unione')).toBe('previous');
      expect(both().of('unione').open(sealed, 'here')).toEqual(PLAIN);
      expect(both().rewrap('unione')).toBe(true);
      expect(both().rewrap('unione')).toBe(false);
      const after = open(next);
      expect(after.open(sealed, 'here')).toEqual(PLAIN);
      expect([after.id, after.mac('x'), after.oldest]).toEqual([before.id, before.mac('x'), before.oldest]);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(new RegisterKeys(directory, masterKey).wrapping('unione')).toBe('neither');
      expect(() => open()).toThrow('the old one belongs in register.previousMasterKey');
    });

    it('may be kept by a key management system before, after or both', () => {
      const command = ['pass', 'next'].map((name) =>
        masterKeyCommand([join(import.meta.dirname, '../support/kms.sh'), name]),
      );
      const [first, second] = [command[0] ?? next, command[1] ?? next];
      const { id } = open();
      const steps = [masterKey, first, second, next, masterKey];
      for (const [at, master] of steps.slice(1).entries()) {
        expect(new RegisterKeys(directory, master, steps[at]).rewrap('unione')).toBe(true);
        expect(new RegisterKeys(directory, master).of('unione').id).toBe(id);
      }
    });

    it('do not bring back a month that was destroyed, nor does an old copy open it without the old one', () => {
      const keys = open();
      const march = keys.seal('2026-03', PLAIN, 'here');
      const copy = join(directory, 'copy');
      mkdirSync(copy);
      copyFileSync(file, join(copy, 'register-unione.json'));
      const changing = both();
      changing.of('unione');
      keys.destroyThrough('2026-03');
      changing.rewrap('unione');
      expect(() => open(next).open(march, 'here')).toThrow("the register's key of 2026-03 was destroyed");
      expect(() => new RegisterKeys(copy, next).of('unione')).toThrow('cannot be opened with the master key');
    });

    it('are not wrapped in the old one again by a process that was not told, when it destroys a month', () => {
      const [untold, told] = [open(), both().of('unione')];
      const march = untold.seal('2026-03', PLAIN, 'here');
      both().rewrap('unione');
      expect(() => untold.destroyThrough('2026-03')).toThrow(
        expect.objectContaining({ code: 'keys_locked' }),
      );
      expect(open(next).open(march, 'here')).toEqual(PLAIN);
      told.destroyThrough('2026-03');
      expect(open(next).oldest).toBe('2026-04');
    });

    it('are found by their files, whatever the configuration says of bodies', () => {
      expect(both().entities()).toEqual([]);
      for (const entity of ['unione', 'comune-b', 'comune-a'])
        new RegisterKeys(directory, masterKey).begin(entity);
      writeFileSync(join(directory, 'register-x.json.bak'), '{}');
      expect(both().entities()).toEqual(['comune-a', 'comune-b', 'unione']);
      expect(new RegisterKeys(join(directory, 'nowhere'), next).entities()).toEqual([]);
    });
  });

  it('of a month that another process has destroyed meanwhile are not written again', () => {
    const [slow, quick] = [open(), open()];
    quick.destroyThrough('2026-05');
    slow.destroyThrough('2026-03');
    expect(open().oldest).toBe('2026-06');
  });

  it('refuse months that no clock of ours reaches', () => {
    expect(() => open().seal('9999-01', PLAIN, 'here')).toThrow('names no month');
    expect(() => open().open(Buffer.of(3, 97, 98, 99), 'here')).toThrow('names no month');
  });
});
