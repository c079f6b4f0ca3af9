import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/operations/clock.ts';
import { responseXml, signed, type Facts, type Signings } from '../../src/selfcheck/model.ts';
import type { TestProvider } from '../../src/selfcheck/provider.ts';
import { signElement } from '../../src/selfcheck/signer.ts';

/** An identifier that nothing else has. */
export const newId = () => `_${randomBytes(16).toString('hex')}`;

/**
 * A correct answer of a test provider to a request of a gateway, about Mario Rossi.
 * @param how only the Assertion is signed unless said: the Response around it is then anybody's
 */
export function genuineAnswer(
  provider: TestProvider,
  gatewayUrl: string,
  requestId: string,
  assertionId = newId(),
  how: Signings = { response: false },
): string {
  const instant = systemClock.now();
  const facts: Facts = {
    requestId,
    requested: instant.toISOString(),
    provider: provider.entityId,
    level: 2,
    acsUrl: `${gatewayUrl}/spid/unione/acs`,
    audience: `${gatewayUrl}/spid`,
    responseId: newId(),
    assertionId,
    nameId: newId(),
    instant: instant.toISOString(),
    end: new Date(instant.getTime() + 300_000).toISOString(),
    attributes: { spidCode: 'TEST0000000001', fiscalNumber: 'TINIT-RSSMRA80A01H501U', name: 'Mario' },
  };
  const kit = { facts, key: provider.key, foreign: provider.foreign, sign: signElement };
  return signed(responseXml(facts), kit, how);
}
