import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { createLog } from '../../src/operations/log.ts';
import type { Signings } from '../../src/selfcheck/model.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { AnomalyStage, type Fields } from '../support/anomalies.ts';
import { freePorts } from '../support/demo.ts';
import { genuineAnswer, newId } from '../support/genuine-answer.ts';

let stage: AnomalyStage;
let second: Gateway;
let store: Store;
/** Where the two processes of one gateway, on one store, take answers. */
let processes: readonly [string, string];
beforeAll(async () => {
  stage = await AnomalyStage.open();
  const port = await freePorts(1);
  const { configuration, url } = stage.gateway;
  second = await startGateway(
    { ...configuration, listen: { ...configuration.listen, port } },
    { clock: systemClock, log: createLog({ level: 'silent' }) },
  );
  processes = [url, `http://127.0.0.1:${port}`];
  store = await openStore(stage.storeUrl, systemClock);
});
afterAll(async () => {
  await store.close();
  await second.stop();
  await stage.stop();
});

const answerTo = ({ requestId }: Fields, assertionId?: string, how?: Signings): string =>
  genuineAnswer(stage.provider, stage.gateway.url, requestId, assertionId, how);

/** Posts an answer to a process: the status, and what the register says of it. */
async function post(process: string, xml: string, { relayState }: Fields) {
  const answer = await fetch(`${process}/spid/unione/acs`, {
    method: 'POST',
    body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState }),
    redirect: 'manual',
  });
  await answer.arrayBuffer();
  const { outcome } = await store.db
    .selectFrom('register_entries')
    .select('outcome')
    .where('kind', '=', 'response')
    .orderBy('seq', 'desc')
    .executeTakeFirstOrThrow();
  return { status: answer.status, outcome };
}

/** What can be done to a signed Assertion without its provider: everything around it is anybody's. */
const VARIANTS: readonly (readonly [name: string, change: (xml: string) => string])[] = [
  ['in a Response with another ID', (xml) => xml.replace(/ ID="[^"]*"/, ` ID="${newId()}"`)],
  [
    'in a Response of another moment',
    (xml) => xml.replace(/ IssueInstant="[^"]*"/, ` IssueInstant="${systemClock.now().toISOString()}"`),
  ],
  [
    're-canonicalised: attributes in another order',
    (xml) => xml.replace(/(<saml:Assertion .*?)( ID="[^"]*")( Version="[^"]*")/, '$1$3$2'),
  ],
  ['re-canonicalised: blanks in tags', (xml) => xml.replace(/<saml:Assertion /, '<saml:Assertion\n   ')],
  [
    're-canonicalised: other quotes',
    (xml) => xml.replace(/<saml:NameID Format="([^"]*)"/, "<saml:NameID Format='$1'"),
  ],
  ['re-canonicalised: a character by its number', (xml) => xml.replace('>Mario<', '>M&#97;rio<')],
  [
    're-canonicalised: a declared namespace more',
    (xml) => xml.replace('<samlp:Response ', '<samlp:Response xmlns:x="urn:x" '),
  ],
  ['behind a declaration', (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`],
  ['with another signature value in KeyInfo', (xml) => xml.replace(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/s, '')],
];

describe('S28 polis#4077 mod_auth_mellon#13 an assertion that was used', () => {
  describe.each([
    ['the process that took it', 0],
    ['another process on the same store', 1],
  ] as const)('comes to %s', (_, at) => {
    it.each(VARIANTS)('%s, and is refused', async (_name, change) => {
      const { fields } = await stage.departed('it');
      const genuine = answerTo(fields);
      const again = change(genuine);
      expect(again).not.toBe(genuine);
      expect(await post(processes[0], genuine, fields)).toEqual({ status: 303, outcome: 'accepted' });
      expect(await post(processes[at], again, fields)).toEqual({ status: 400, outcome: 'C2' });
    });

    it('as the answer to another request, and is refused', async () => {
      const [one, other] = [await stage.departed('it'), await stage.departed('it')];
      const genuine = answerTo(one.fields);
      expect(await post(processes[0], genuine, one.fields)).toEqual({ status: 303, outcome: 'accepted' });
      const again = genuine.replace(one.fields.requestId, other.fields.requestId);
      expect(await post(processes[at], again, other.fields)).toEqual({ status: 403, outcome: 'A12' });
    });

    it('signed anew by its provider for another request, and is refused by its ID', async () => {
      const [one, other] = [await stage.departed('it'), await stage.departed('it')];
      const assertionId = newId();
      const genuine = answerTo(one.fields, assertionId);
      expect(await post(processes[0], genuine, one.fields)).toEqual({ status: 303, outcome: 'accepted' });
      const again = answerTo(other.fields, assertionId, {});
      expect(await post(processes[at], again, other.fields)).toEqual({ status: 400, outcome: 'A1' });
    });
  });

  it('is taken once of twenty copies, each in a Response of its own, sent to both processes at once', async () => {
    const { fields } = await stage.departed('it');
    const genuine = answerTo(fields);
    const copies = Array.from({ length: 20 }, () => genuine.replace(/ ID="[^"]*"/, ` ID="${newId()}"`));
    const ends = await Promise.all(copies.map((copy, at) => post(processes[at % 2 ? 1 : 0], copy, fields)));
    expect(ends.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(19).fill(400)]);
  });
});
