import { spawnSync } from 'node:child_process';
import { Misconfigured, Unavailable } from '../operations/errors.ts';
import { CannotOpen, cipherOf, type Cipher } from './cipher.ts';

/** How long a key management command may take, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * A master key given as text: 32 random bytes in base64 (`openssl rand -base64 32`).
 * @param key name of the configuration key, for the message
 * @throws Misconfigured `master_key`
 */
export function masterKeyOf(text: string, key: string): Cipher {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== 32) {
    throw new Misconfigured(
      'master_key',
      `${key}: found ${bytes.length} bytes; allowed: 32 random bytes in base64, as "openssl rand -base64 32" makes them`,
    );
  }
  return cipherOf([{ id: 'master', key: bytes }]);
}

/**
 * A master key that never leaves a key management system. The command is called with `seal` or `open` and the context
 * as its last two words, reads base64 on standard input and writes base64 on standard output.
 * @param command program and fixed arguments; no shell is involved
 */
export function masterKeyCommand(command: readonly [string, ...string[]]): Cipher {
  const [program, ...fixed] = command;
  const run = (action: 'seal' | 'open', value: Uint8Array, context: string): Buffer => {
    const { status, stdout, error } = spawnSync(program, [...fixed, action, context], {
      input: Buffer.from(value).toString('base64'),
      timeout: PATIENCE_MS,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (error) throw new Unavailable('master_key_command', `${program} could not be run`, { cause: error });
    if (status !== 0) throw new CannotOpen(`${program} ${action} ended with ${status} for ${context}`);
    return Buffer.from(stdout.toString('latin1').trim(), 'base64');
  };
  return {
    seal: (plain, context) => run('seal', plain, context),
    open: (sealed, context) => run('open', sealed, context),
  };
}
