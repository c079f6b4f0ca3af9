import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { selfCheck, type Report } from '../../src/selfcheck/check.ts';
import { testProvider, type TestProvider } from '../../src/selfcheck/provider.ts';
import { startLaxServiceProvider, type LaxServiceProvider } from '../support/lax-service-provider.ts';

/** What each check of the lax service provider was there for: without it, these cases get in, and no others. */
const BY_FAULT: Readonly<Record<string, readonly string[]>> = {
  'trusted-key': ['5', '100'],
  'response-version': ['10'],
  'response-instant': ['11', '12', '13', '14', '15'],
  destination: ['19', '20', '21'],
  'response-issuer-format': ['30'],
  'assertion-instant': ['36', '37', '38', '39', '40'],
  'name-qualifier': ['48', '49'],
  // Without SubjectConfirmationData there is nothing left to look at.
  recipient: ['57', '58', '59', '56'],
  'confirmation-request': ['60', '61', '62'],
  'confirmation-end': ['63', '64', '65', '66'],
  'assertion-issuer-format': ['70', '71', '72'],
  'not-before': ['75', '76', '77', '78', 'date-no-zone'],
  audience: ['83', '84', '85', '86', '87'],
  level: ['90', '91', '92', '93', '94', '97', 'class-case'],
  attributes: ['98', '99', 'duplicate-attribute'],
  'relay-state': ['no-relay-state', 'relay-state'],
  replay: ['replay'],
  browser: ['other-browser'],
  explanations: ['104', '105', '106', '107', '108', '111', 'anomaly-text'],
};

/** Which assertion is read, and which one is signed. */
const BY_CONFUSION: Readonly<Record<string, readonly string[]>> = {
  signature: ['2', '3', '112'],
  'response-signature': [],
  children: ['encrypted'],
  'one-assertion': ['xsw1', 'xsw2', 'xsw3', 'xsw4', 'xsw7', 'two-assertions'],
};

const BY_PLANT: Readonly<Record<string, readonly string[]>> = {
  detour: ['Q0'],
  'wrong-order': ['Q1'],
  altered: ['Q2'],
  'is-passive': ['Q4'],
  'no-force-authn': ['Q5'],
  'both-addresses': ['Q6'],
  'unknown-set': ['Q7'],
  'no-qualifier': ['Q9'],
  'allow-create': ['Q10'],
  'old-class': ['Q12'],
  'relay-state-url': ['Q14'],
  'provider-name': ['Q16'],
};

describe('the self-check against a service provider with planted faults', () => {
  let provider: TestProvider;
  let lax: LaxServiceProvider;
  beforeAll(async () => {
    provider = await testProvider('https://provider.invalid', systemClock);
    lax = await startLaxServiceProvider(provider);
  });
  afterAll(() => lax.stop());

  const check = (query: string, requests: readonly string[] = [''], at = lax): Promise<Report> =>
    selfCheck(
      {
        metadataUrl: at.metadataUrl,
        loginUrl: `${at.loginUrl}?${query}`,
        requestUrls: requests.map((each) => `${at.loginUrl}?${each}`),
        levelUrls: [],
      },
      { provider, clock: systemClock },
    );
  const failed = ({ cases }: Report) => cases.filter(({ passed }) => !passed).map((each) => each.case.nr);

  it('finds nothing where there is nothing, by POST and by Redirect', async () => {
    const report = await check('', ['', 'binding=redirect']);
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({ passed: true, meaningful: true, metadata: { findings: [] } });
    expect(report.requests.map(({ binding }) => binding)).toEqual(['post', 'redirect']);
  });

  it('finds every fault and no other in one that leaves out rules and sends faulty requests', async () => {
    const plants = Object.keys(BY_PLANT).map((plant) => `plant=${plant}`);
    const report = await check(`without=${Object.keys(BY_FAULT).join(',')}`, plants);
    expect(failed(report).sort()).toEqual(Object.values(BY_FAULT).flat().sort());
    const found = report.requests.map(({ url, results }) => [
      new URL(url).searchParams.get('plant') ?? '',
      results.filter(({ passed }) => !passed).map(({ id }) => id),
    ]);
    expect(Object.fromEntries(found)).toEqual(BY_PLANT);
    expect(report).toMatchObject({ passed: false, meaningful: true, metadata: { findings: [] } });
  });

  it('finds every fault and no other in one that takes an assertion for another, and has faulty metadata', async () => {
    const tampered = await startLaxServiceProvider(provider, (metadata) =>
      metadata.replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"'),
    );
    onTestFinished(() => tampered.stop());
    const report = await check(`without=${Object.keys(BY_CONFUSION).join(',')}`, [''], tampered);
    expect(failed(report).sort()).toEqual(Object.values(BY_CONFUSION).flat().sort());
    expect(report.metadata.findings.map(({ at }) => at).join()).toContain('AuthnRequestsSigned');
    expect(report).toMatchObject({ passed: false, meaningful: true });
  });

  it('says that refusals prove nothing where the correct answer is refused too', async () => {
    const stranger = { ...provider, key: provider.foreign };
    const { loginUrl, metadataUrl } = lax;
    const target = { metadataUrl, loginUrl, requestUrls: [loginUrl], levelUrls: [] };
    const report = await selfCheck(target, { provider: stranger, clock: systemClock, officialOnly: true });
    expect(report).toMatchObject({ meaningful: false, passed: false });
    expect(report.cases.some(({ case: { suite } }) => suite === 'own')).toBe(false);
  });

  it('plays no case where no request comes, and says where the visit ended', async () => {
    const { metadataUrl } = lax;
    const target = { metadataUrl, loginUrl: metadataUrl, requestUrls: [metadataUrl], levelUrls: [] };
    const report = await selfCheck(target, { provider, clock: systemClock });
    expect(report).toMatchObject({ meaningful: false, passed: false, cases: [] });
    expect(report.requests[0]?.results[0]?.seen).toContain('no authentication request came');
  });
});
