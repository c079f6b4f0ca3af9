import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CannotOpen, cipherOf } from '../../src/keys/cipher.ts';

const [older, newer] = ['older', 'newer'].map((id) => ({ id, key: randomBytes(32) })) as [
  { id: string; key: Buffer },
  { id: string; key: Buffer },
];
const cipher = cipherOf([newer, older]);

describe('sealed values', () => {
  it('open to what was sealed, whatever the bytes and the context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string({ unit: 'grapheme' }), (plain, context) => {
        expect(cipher.open(cipher.seal(plain, context), context)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it('do not open when any one bit was changed', () => {
    const sealed = cipher.seal(Buffer.from('RSSMRA80A01H501U'), 'identity:1');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => cipher.open(altered, 'identity:1'), `bit ${bit}`).toThrow(CannotOpen);
    }
  });

  it('do not open when cut short or lengthened', () => {
    const sealed = Buffer.from(cipher.seal(Buffer.from('secret'), 'a'));
    for (let length = 0; length < sealed.length; length++) {
      expect(() => cipher.open(sealed.subarray(0, length), 'a'), `${length} bytes`).toThrow(CannotOpen);
    }
    expect(() => cipher.open(Buffer.concat([sealed, Buffer.of(0)]), 'a')).toThrow(CannotOpen);
  });

  it('do not open in another place than theirs', () => {
    const sealed = cipher.seal(Buffer.from('secret'), 'identity:1');
    expect(() => cipher.open(sealed, 'identity:2')).toThrow(CannotOpen);
  });

  it('never look the same twice', () => {
    const seal = () => Buffer.from(cipher.seal(Buffer.from('secret'), 'a')).toString('hex');
    expect(seal()).not.toBe(seal());
  });

  it('open under an older key after a rotation, and are made under the newest', () => {
    const before = cipherOf([older]).seal(Buffer.from('secret'), 'a');
    expect(cipher.open(before, 'a').toString()).toBe('secret');
    const after = cipher.seal(Buffer.from('secret'), 'a');
    expect(() => cipherOf([older]).open(after, 'a')).toThrow(CannotOpen);
  });

  it('do not open under another key of the same name', () => {
    const sealed = cipher.seal(Buffer.from('secret'), 'a');
    expect(() => cipherOf([{ id: 'newer', key: randomBytes(32) }]).open(sealed, 'a')).toThrow(CannotOpen);
  });

  it('fail without a word of what stands there, be it sealed or not', () => {
    const clear = Buffer.from('\u0010RSSMRA80A01H501U in clear, where a sealed value should be');
    const refusal = (): string => {
      try {
        cipher.open(clear, 'identity:1');
        return 'opened';
      } catch (error) {
        return error instanceof CannotOpen ? `${error.name} ${error.code} ${error.message}` : 'another error';
      }
    };
    expect(refusal()).toBe('CannotOpen cannot_open no key in the directory opens identity:1');
  });
});
