import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accepted, changed } from '../../src/selfcheck/cases/case.ts';
import { signElement } from '../../src/selfcheck/signer.ts';
import { openCaseStage, type CaseStage } from '../support/case-stage.ts';
import { kit, providerKey } from '../support/spid-response.ts';
import { xmlCryptoVerifies } from '../support/xml-crypto.ts';
import { openCanary, type Canary } from './canary.ts';
import { attacks } from './corpus/index.ts';
import { verifiedSignatures } from './verified.ts';

let canary: Canary;
let stage: CaseStage;
const directory = mkdtempSync(join(tmpdir(), 'gateway-attacks-'));
beforeAll(async () => {
  canary = await openCanary();
  stage = await openCaseStage(`sqlite:${join(directory, 'gateway.db')}`, signElement);
});
afterAll(async () => {
  await Promise.all([canary.stop(), stage.stop()]);
  rmSync(directory, { recursive: true });
});

/** By name only: a message is made when its test runs, with the canary's port in it. */
const NAMES = attacks(0).map(({ nr, check }) => ({ nr, check }));
const attackNamed = (name: string) => {
  const found = attacks(canary.port).find(({ nr }) => nr === name);
  if (!found) throw new Error(`no attack ${name}`);
  return found;
};

describe('an attacker posts to the assertion consumer service', () => {
  it('and gets in with the correct answer that every attack is made of', async () => {
    await stage.prove(accepted('control', 'own', ['', ''], changed()));
  });

  for (const { nr, check } of NAMES) {
    it(`${nr}: refused by ${check}, without a code`, () => stage.prove(attackNamed(nr)));
  }

  it('and makes the gateway call nobody', async () => {
    expect(canary.calls()).toBe(0);
    // The canary does hear who calls.
    const socket = connect(canary.port, '127.0.0.1');
    await once(socket, 'close');
    expect(canary.calls()).toBe(1);
  });
});

describe('a signature in an attack that verifies for us', () => {
  it.each(NAMES)('verifies for xml-crypto too, over the same bytes: $nr', ({ nr }) => {
    const xml = attackNamed(nr).answer(kit(2));
    for (const { signature, signed } of verifiedSignatures(Buffer.from(xml), [providerKey.publicKey]))
      expect(xmlCryptoVerifies(xml, signature, providerKey.publicKey)).toBe(signed);
  });

  it('has a name of its own', () => {
    expect(new Set(NAMES.map(({ nr }) => nr)).size).toBe(NAMES.length);
  });
});
