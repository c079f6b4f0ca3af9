import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from '../../src/selfcheck/cases.ts';
import { openCaseStage, type CaseStage } from '../support/case-stage.ts';
import { xmlsecSigner } from '../support/xmlsec.ts';

/** What xmlsec1 will not do: sign with what it is told to be wrong. */
const BAD_SIGNATURES = ['sha1', 'hmac', 'xslt'];

/** Every case that is to be let in, and of the others the first that each check is meant to catch. */
const PLAYED = CASES.filter(
  ({ nr, check }) =>
    !BAD_SIGNATURES.includes(nr) &&
    (check === undefined ||
      CASES.filter((other) => other.check === check)
        .slice(0, 1)
        .some((c) => c.nr === nr)),
);

describe('cases signed by xmlsec1, from the request of a service to its code, or to a page', () => {
  const signer = xmlsecSigner();
  let stage: CaseStage;
  beforeAll(async () => {
    stage = await openCaseStage(`sqlite:${join(signer.directory, 'gateway.db')}`, signer.sign);
  });
  afterAll(async () => {
    await stage.stop();
    signer.stop();
  });

  it.each(PLAYED)('$suite $nr ($mutation.en): $expected $check', (played) => stage.prove(played));

  it('are a part that leaves no check out', () => {
    const checks = new Set(CASES.map(({ check }) => check));
    expect([...checks].filter((check) => !PLAYED.some((played) => played.check === check))).toEqual([
      'S5',
      'S7',
    ]);
  });
});
