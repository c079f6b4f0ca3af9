import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/schema.ts';
import type { Cipher } from '../keys/cipher.ts';
import { Misconfigured, Refused } from '../operations/errors.ts';
import { readIdentityProviders } from '../sources/spid/provider-metadata.ts';
import { IdentityProviders } from '../sources/spid/registry.ts';
import type { TestLogins } from '../sources/spid/options.ts';
import type { GatewayOptions } from './parts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Longer than acceptance by AgID takes; a door left ajar is forgotten. */
const MOST_DAYS = 90;

/**
 * Test logins as the configuration wants them; undefined where it wants none, or their last day has passed.
 * @throws Misconfigured when a provider cannot be read or is one of the citizens', or the last day is too far away
 */
export function loadTestLogins(
  wanted: Configuration['sources']['spid']['testLogin'],
  citizens: Pick<IdentityProviders, 'listed'>,
  cipher: Cipher,
  { clock, log }: GatewayOptions,
): TestLogins | undefined {
  if (!wanted) return undefined;
  const until = new Date(Date.parse(wanted.until) + DAY_MS);
  const days = (until.getTime() - clock.now().getTime()) / DAY_MS;
  if (days > MOST_DAYS + 1) {
    throw wrong('until', wanted.until, `a day at most ${MOST_DAYS} days ahead: it is for tests only`);
  }
  const providers = new IdentityProviders();
  for (const [at, file] of wanted.providers.entries()) {
    for (const provider of readable(file, at)) {
      // Whoever answers citizens must not be answered for by a file of tests.
      if (citizens.listed(provider.entityId)) {
        throw wrong(`providers[${at}]`, provider.entityId, 'providers that citizens cannot choose');
      }
      providers.add(provider);
    }
  }
  if (days <= 0) return undefined;
  log.event({ event: 'test_login_open', until: until.toISOString(), providers: providers.all().length });
  return { providers, until, cipher };
}

function readable(file: string, at: number) {
  const allowed = 'a readable file with the metadata of an identity provider';
  try {
    const { providers } = readIdentityProviders(readFileSync(file));
    if (providers.length > 0) return providers;
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Error && 'code' in error)) throw error;
  }
  throw wrong(`providers[${at}]`, file, allowed);
}

function wrong(key: string, found: string, allowed: string): Misconfigured {
  return new Misconfigured(
    'test_login_invalid',
    `sources.spid.testLogin.${key}: found ${found}; allowed: ${allowed}`,
  );
}
