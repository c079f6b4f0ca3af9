import { afterAll, beforeAll, expect, it } from 'vitest';
import { CASES } from '../../src/selfcheck/cases.ts';
import { signElement } from '../../src/selfcheck/signer.ts';
import { openCaseStage, type CaseStage } from '../support/case-stage.ts';
import { describeStores } from '../support/stores.ts';

describeStores('every case from the request of a service to its code, or to a page', (openUrl) => {
  let stage: CaseStage;
  beforeAll(async () => {
    stage = await openCaseStage(await openUrl(), signElement);
  });
  afterAll(() => stage.stop());

  it.each(CASES)('$suite $nr ($mutation.en): $expected $check', (played) => stage.prove(played));
});

it('has every number of the suites but those that neither uses, each once (spid-response-validation, 7)', () => {
  const unused = [6, 7, 50, 101, 102];
  const numbers = Array.from({ length: 113 }, (_, at) => at + 1).filter((nr) => !unused.includes(nr));
  const wrappings = Array.from({ length: 8 }, (_, at) => `xsw${at + 1}`);
  const official = CASES.filter(({ suite }) => suite !== 'own').map(({ nr }) => nr);
  expect([...official].sort()).toEqual([...numbers.map(String), '1-NS', 'xslt', ...wrappings].sort());
  expect(CASES.filter(({ suite }) => suite.includes('P'))).toHaveLength(111);
  expect(CASES.filter(({ suite }) => suite.includes('V'))).toHaveLength(108);
  expect(new Set(CASES.map(({ nr }) => nr)).size).toBe(CASES.length);
});
