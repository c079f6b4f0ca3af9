import { afterAll, describe, expect, it } from 'vitest';
import { judge } from '../../../src/sources/spid/response.ts';
import { changed } from '../../../src/selfcheck/cases/case.ts';
import { arrival, FISCAL_NUMBER, kit } from '../../support/spid-response.ts';
import { xmlsecSigner } from '../../support/xmlsec.ts';

describe('SPID response signed by xmlsec1', () => {
  const signer = xmlsecSigner();
  afterAll(() => signer.stop());

  it('is read, and is refused once a character of it has changed', async () => {
    const xml = changed()({ ...kit(2), sign: signer.sign });
    expect(await judge(arrival(xml))).toMatchObject({
      outcome: 'accepted',
      identity: { attributes: { fiscalNumber: FISCAL_NUMBER } },
    });
    expect(await judge(arrival(xml.replace('>Mario<', '>Maria<')))).toMatchObject({
      outcome: 'refused',
      check: 'S2',
    });
  });
});
