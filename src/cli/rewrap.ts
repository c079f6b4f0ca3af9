import { userInfo } from 'node:os';
import { AuditTrail } from '../audit/trail.ts';
import type { Configuration } from '../config/schema.ts';
import { openRegister } from '../gateway/register.ts';
import { loadKeys } from '../keys/directory.ts';
import { rewrapFiles, wrappedFiles, type WrappedFile } from '../keys/rewrap.ts';
import type { Clock } from '../operations/clock.ts';
import { lockChain } from '../register/chain.ts';
import type { RegisterKeys } from '../register/keys.ts';
import { openStore, type Store } from '../store/store.ts';
import { show } from './output.ts';
import { refuseShortPassphrase } from './passphrase.ts';

interface Call {
  readonly configuration: Configuration;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly clock: Clock;
}

/**
 * `keys rewrap`: writes again under the present passphrase and master key what opens only with the previous ones. What
 * is going to be written is in the audit trail before it is.
 * @returns 1 when a file opens with neither
 */
export async function rewrap({ configuration, dryRun, json, clock }: Call): Promise<number> {
  const { directory, passphrase } = configuration.keys;
  refuseShortPassphrase(passphrase);
  const keys = loadKeys(directory, configuration.keys);
  const register = openRegister(configuration, keys).keys;
  const files = [...wrappedFiles(directory, configuration.keys), ...registerFiles(register)];
  const names = (wrapping: WrappedFile['wrapping']) =>
    files.filter((file) => file.wrapping === wrapping).map(({ name }) => name);
  const [previous, locked] = [names('previous'), names('neither')];
  if (previous.length > 0 && !dryRun) {
    const store = await openStore(configuration.store.url, clock);
    try {
      await store.transaction((transaction) =>
        new AuditTrail(keys).append(transaction, {
          at: clock.now(),
          action: 'keys.rewrap',
          target: { kind: 'keys', id: 'rewrap' },
          after: { files: previous },
          actor: { kind: 'operator', name: userInfo().username },
          via: 'command-line',
        }),
      );
      rewrapFiles(directory, configuration.keys);
      await rewrapRegister(register, store);
    } finally {
      await store.close();
    }
  }
  const title = dryRun ? 'Would be written again:' : 'Written again:';
  show(json, { directory, [dryRun ? 'due' : 'written']: previous, locked }, [
    ...(previous.length > 0 ? [title, ...previous.map((name) => `  ${name}`)] : nothingDue(locked)),
    ...locked.map((name) => `${name}: opens with neither; nothing was done to it`),
  ]);
  return locked.length === 0 ? 0 : 1;
}

function registerFiles(register: RegisterKeys): WrappedFile[] {
  return register
    .entities()
    .map((entityId) => ({ name: `register-${entityId}.json`, wrapping: register.wrapping(entityId) }));
}

/** One body after the other, each while no other process can destroy a month of it. */
async function rewrapRegister(register: RegisterKeys, store: Store): Promise<void> {
  for (const entityId of register.entities()) {
    if (register.wrapping(entityId) !== 'previous') continue;
    await store.transaction(async (transaction) => {
      await lockChain(transaction, entityId);
      register.rewrap(entityId);
    });
  }
}

/** What opens with neither may be what an older passphrase opens, and nobody shall take it for done. */
function nothingDue(locked: readonly string[]): string[] {
  if (locked.length > 0) return ['There is nothing that opens with a previous passphrase or master key.'];
  return [
    'Everything opens with the present passphrase and master key. keys.previousPassphrase and',
    'register.previousMasterKey, where they are set, can go from the configuration.',
  ];
}
