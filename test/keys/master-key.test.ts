import { describe, expect, it } from 'vitest';
import { masterKeyCommand, masterKeyOf } from '../../src/keys/master-key.ts';

const TEXT = Buffer.alloc(32, 7).toString('base64');

describe('A master key', () => {
  it('given as text has to be 32 bytes in base64', () => {
    const cipher = masterKeyOf(`${TEXT}\n`, 'register.masterKey');
    expect(cipher.open(cipher.seal(Buffer.from('state'), 'here'), 'here').toString()).toBe('state');
    expect(() => masterKeyOf('short', 'register.masterKey')).toThrow(
      'register.masterKey: found 3 bytes; allowed: 32 random bytes in base64',
    );
  });

  it('may stay in a key management system, asked by a command', () => {
    // Stands for such a system: reverses what it seals, and lets go of it only for the same context.
    const script = `
      let text = ''; process.stdin.on('data', (part) => (text += part)).on('end', () => {
        const [action, context] = process.argv.slice(1);
        const bytes = Buffer.from(text, 'base64').reverse();
        if (action === 'seal') process.stdout.write(Buffer.concat([Buffer.from(context + '|'), bytes]).reverse().toString('base64') + '\\n');
        else if (bytes.toString().startsWith(context + '|')) process.stdout.write(bytes.subarray(context.length + 1).toString('base64'));
        else process.exit(3);
      });`;
    const cipher = masterKeyCommand([process.execPath, '-e', script]);
    const sealed = cipher.seal(Buffer.from('eta'), 'here');
    expect(cipher.open(sealed, 'here').toString()).toBe('ate');
    expect(() => cipher.open(sealed, 'there')).toThrow('ended with 3');
  });

  it('whose command cannot be run is a reason to wait, not to lose anything', () => {
    const cipher = masterKeyCommand(['/nowhere/kms']);
    expect(() => cipher.seal(Buffer.from('x'), 'here')).toThrow('/nowhere/kms could not be run');
  });
});
