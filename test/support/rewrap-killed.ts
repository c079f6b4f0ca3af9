// Wraps a key directory again, in a process that kills itself before one of the things it does to files.
// Arguments: directory, passphrases, master keys (new and old each), and before which file operation.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { rewrapFiles } from '../../src/keys/rewrap.ts';
import { masterKeyOf } from '../../src/keys/master-key.ts';
import { RegisterKeys } from '../../src/register/keys.ts';

const [directory = '', passphrase = '', previousPassphrase = '', master = '', previous = '', at = ''] =
  process.argv.slice(2);

let left = Number(at);
const counted = ['openSync', 'writeSync', 'fsyncSync', 'utimesSync', 'renameSync', 'rmSync'] as const;
for (const name of counted) {
  const original = fs[name] as (...given: unknown[]) => unknown;
  const killing = (...given: unknown[]) => {
    if (left-- === 0) process.kill(process.pid, 'SIGKILL');
    return original(...given);
  };
  Object.assign(fs, { [name]: killing });
}
syncBuiltinESMExports();

rewrapFiles(directory, { passphrase, previousPassphrase });
const register = new RegisterKeys(directory, masterKeyOf(master, 'new'), masterKeyOf(previous, 'old'));
for (const entityId of register.entities()) register.rewrap(entityId);
