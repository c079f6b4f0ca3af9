import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '../../src/audit/trail.ts';
import type { Configuration, ConfigurationInput } from '../../src/config/schema.ts';
import { startGateway } from '../../src/gateway.ts';
import { loadKeys } from '../../src/keys/directory.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import { openStore } from '../../src/store/store.ts';
import { RelyingParty, testClient } from '../support/relying-party.ts';
import { describeStores } from '../support/stores.ts';
import { yaml } from '../support/yaml.ts';
import { startTwins, type Twins } from '../support/twins.ts';

const PASSPHRASE = 'the passphrase of the next years';
const MASTER = Buffer.alloc(32, 5).toString('base64');

describeStores('a change of passphrase and master key under running gateways', (openUrl) => {
  let twins: Twins;
  let storeUrl: string;
  let service: RelyingParty;
  let input: ConfigurationInput | undefined;

  beforeAll(async () => {
    storeUrl = await openUrl();
    twins = await startTwins({
      storeUrl,
      clock: systemClock,
      clients: [testClient('suap')],
      change: (given) => (input = given),
    });
    service = new RelyingParty(twins);
  });
  afterAll(() => twins.stop());

  /** The command, in a process of its own as an operator runs it, on the gateway's own keys and store. */
  async function command(...options: string[]) {
    const { directory, passphrase } = twins.configuration.keys;
    const config = join(directory, '../changed.yaml');
    const keys = { ...input?.keys, directory, passphrase: PASSPHRASE, previousPassphrase: passphrase };
    const register = { ...input?.register, masterKey: MASTER, previousMasterKey: { dataKey: true as const } };
    writeFileSync(config, yaml({ ...input, keys, register }));
    const args = [resolve('src/main.ts'), 'keys', 'rewrap', '--json', '--config', config];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args.concat(options));
    for (const secret of [PASSPHRASE, MASTER, passphrase]) expect(stdout + stderr).not.toContain(secret);
    return JSON.parse(stdout) as Partial<Record<'due' | 'written' | 'locked', string[]>>;
  }

  it('lets everybody in meanwhile, and afterwards with the new ones alone', async () => {
    const old = twins.configuration;
    const before = await service.enter('suap');
    const changed: Configuration = {
      ...old,
      listen: { host: 'localhost', port: 0 },
      keys: { ...old.keys, passphrase: PASSPHRASE },
      register: { ...old.register, masterKey: { key: MASTER } },
    };
    const log = createLog({ level: 'silent' });
    await expect(startGateway(changed, { clock: systemClock, log })).rejects.toMatchObject({
      code: 'keys_locked',
    });
    const { due, ...planned } = await command('--dry-run');
    expect(planned).toMatchObject({ locked: [] });
    expect(due).toEqual(
      expect.arrayContaining(['secrets.json', 'oidc-rs256.key.pem', 'register-unione.json']),
    );
    expect(await command()).toMatchObject({ written: due, locked: [] });
    expect(await command()).toMatchObject({ written: [] });
    const store = await openStore(storeUrl, systemClock);
    const trail = new AuditTrail(loadKeys(old.keys.directory, { passphrase: PASSPHRASE }));
    const entries = await trail.list(store.db, { limit: 10 });
    await store.close();
    expect(entries.filter(({ action }) => action === 'keys.rewrap')).toMatchObject([
      { after: { files: due } },
    ]);

    // Both processes were started with the old ones and know no other.
    for (const listening of twins.both)
      expect((await service.enter('suap')).claims.sub, listening).toBe(before.claims.sub);
    await expect(startGateway(old, { clock: systemClock, log })).rejects.toMatchObject({
      code: 'keys_locked',
    });
    const third = await startGateway(changed, { clock: systemClock, log });
    try {
      const { keys } = (await (await fetch(`http://${third.listening}/oidc/jwks`)).json()) as {
        keys: { kid: string }[];
      };
      const published = (await (await fetch(`${twins.url}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
      expect(keys.map(({ kid }) => kid)).toEqual(published.keys.map(({ kid }) => kid));
    } finally {
      await third.stop();
    }
  }, 120_000);
});
