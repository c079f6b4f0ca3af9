import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../src/config/load.ts';
import { demoConfiguration } from '../../src/demo/start.ts';

const SECRETS = {
  passphrase: 'a-passphrase-that-nobody-shall-see',
  store: 'postgres://gateway:hunter2@db.example.it/gateway',
  token: 'a-token-for-prometheus',
  client: 'a-secret-of-a-service',
};

describe('the settings that are shown', () => {
  const base = demoConfiguration(
    { gatewayUrl: 'http://localhost:1', suapUrl: 'http://localhost:2' },
    { port: 1, storeUrl: 'sqlite::memory:' },
    SECRETS.client,
  );
  const { settings } = checkConfiguration(
    {
      ...base,
      store: { url: SECRETS.store },
      keys: { ...base.keys, passphrase: { env: 'PASSPHRASE' } },
      metrics: { token: SECRETS.token },
      register: { masterKey: { command: ['kms', '--token', SECRETS.token] } },
      logging: { level: 'warn' },
    },
    { file: 'test', directory: '/', environment: { PASSPHRASE: SECRETS.passphrase } },
  );
  const of = (key: string) => settings.find((setting) => setting.key === key);

  it('tell what was written from what is the default', () => {
    expect(of('logging.level')).toEqual({ key: 'logging.level', value: 'warn', source: 'file' });
    expect(of('sources.spid.skewSeconds')).toMatchObject({ value: '30', source: 'default' });
    expect(of('metrics.port')).toMatchObject({ value: '9464', source: 'default' });
    expect(of('entities')).toMatchObject({ value: String(base.entities.length) });
  });

  it('say where a secret was read and never what it is', () => {
    expect(of('keys.passphrase')).toEqual({
      key: 'keys.passphrase',
      value: undefined,
      source: 'environment',
      place: 'PASSPHRASE',
    });
    expect(of('store.url')).toEqual({ key: 'store.url', value: undefined, source: 'text' });
    expect(of('metrics.token')).toMatchObject({ value: undefined, source: 'text' });
    expect(of('register.masterKey')).toMatchObject({ value: undefined });
    const shown = JSON.stringify(settings);
    for (const secret of Object.values(SECRETS)) expect(shown).not.toContain(secret);
  });
});
