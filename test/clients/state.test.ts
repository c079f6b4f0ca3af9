import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/clients/client.ts';
import { missingForLive } from '../../src/clients/state.ts';

const client: Client = {
  id: 'suap',
  entity: 'unione',
  name: { it: 'SUAP', en: 'SUAP' },
  applicationType: 'web',
  redirectUris: ['https://suap.example.it/callback'],
  postLogoutRedirectUris: [],
  authMethod: 'private_key_jwt',
  refreshTokens: false,
  idTokenAlgorithm: 'RS256',
  sector: 'unione',
  minimumLevel: 2,
  attributes: [],
  homePage: 'https://suap.example.it/',
};

describe('a service cannot go live', () => {
  it.each([
    'https://10.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:192.168.1.1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://2130706433/x',
    'https://intranet/x',
    'https://suap.internal/x',
    'https://suap.localhost/x',
  ])('with keys or logouts at %s, except where the gateway is for trials', (uri) => {
    for (const change of [{ jwksUri: uri }, { backchannelLogoutUri: uri }]) {
      expect(missingForLive({ ...client, ...change }, 0, false)).toEqual(['reachable']);
      expect(missingForLive({ ...client, ...change }, 0, true)).toEqual([]);
    }
  });

  it('unless they are on the internet, as far as the address says', () => {
    const uri = 'https://suap.example.it/x';
    expect(missingForLive({ ...client, jwksUri: uri, backchannelLogoutUri: uri }, 0, false)).toEqual([]);
  });
});
