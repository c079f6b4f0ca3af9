import { checkMetadata, METADATA_RULES, type MetadataReport } from '../entities/metadata-check/check.ts';
import type { Clock } from '../operations/clock.ts';
import { Unavailable } from '../operations/errors.ts';
import { isLoopback } from '../operations/loopback.ts';
import { captureRequest } from './capture.ts';
import { CASES, type Case } from './cases.ts';
import { play, type Played, type Stage } from './play.ts';
import type { TestProvider } from './provider.ts';
import { checkRequest } from './request-rules.ts';
import type { RuleResult } from './rule.ts';
import { readServiceProvider, type ServiceProvider } from './service-provider.ts';
import { signElement } from './signer.ts';
import type { Target } from './target.ts';
import { Visitor } from './visitor.ts';

/** One request that was caught, or why none was. */
export interface RequestResult {
  readonly url: string;
  readonly binding: 'post' | 'redirect' | undefined;
  readonly results: readonly RuleResult[];
}

/** What became of a service provider. */
export interface Report {
  readonly at: Date;
  readonly target: Target;
  readonly entityId: string;
  readonly name: string;
  readonly provider: string;
  readonly metadata: MetadataReport & { readonly rules: number };
  readonly requests: readonly RequestResult[];
  readonly cases: readonly Played[];
  /** The correct answer got in: otherwise it proves nothing that wrong ones did not. */
  readonly meaningful: boolean;
  readonly passed: boolean;
}

export interface CheckOptions {
  readonly provider: TestProvider;
  readonly clock: Clock;
  /** Without it every case is played; with it, AgID's only. */
  readonly officialOnly?: boolean;
  readonly progress?: (done: number, total: number, what: string) => void;
}

const METADATA_LIMIT = 512 * 1024;

/**
 * Plays a test identity provider against a service provider: its metadata, its requests, and every case.
 * @throws Unavailable when its metadata cannot be had
 */
export async function selfCheck(target: Target, options: CheckOptions): Promise<Report> {
  const { provider, clock, progress = () => {} } = options;
  const bytes = await fetchMetadata(target.metadataUrl, clock);
  const serviceProvider = readServiceProvider(bytes.toString('utf8'));
  const production = !isLoopback(new URL(target.metadataUrl).hostname);
  const metadata = await checkMetadata(bytes, { now: clock.now(), production });
  if (!serviceProvider) {
    throw new Unavailable('no_metadata', `${target.metadataUrl}: not the metadata of a service provider`);
  }
  const played = CASES.filter(({ suite }) => !options.officialOnly || suite !== 'own');
  const byLevel = played.filter(({ expected, nr }) => expected === 'by level' || nr === '1');
  const total = target.requestUrls.length + played.length + target.levelUrls.length * byLevel.length;
  let done = 0;
  const step = (what: string) => progress(++done, total, what);

  const requests: RequestResult[] = [];
  for (const url of target.requestUrls) {
    requests.push(await requestAt(url, serviceProvider, options));
    step(url);
  }
  const stage: Stage = { serviceProvider, provider, clock, sign: signElement };
  const cases: Played[] = [];
  const playAll = async (url: string, each: readonly Case[]) => {
    for (const one of each) {
      cases.push(await play(stage, url, one));
      step(one.nr);
    }
  };
  // Where no request comes, no case can be played: that is said once, not a hundred and fifty times.
  if (requests.some(({ binding }) => binding !== undefined)) {
    await playAll(target.loginUrl, played);
    for (const url of target.levelUrls) await playAll(url, byLevel);
  }
  const judged = withPagesOfTheirOwn(cases);
  const meaningful = judged.some((each) => each.case.nr === '1' && each.passed);
  return {
    at: clock.now(),
    target,
    entityId: serviceProvider.entityId,
    name: serviceProvider.name,
    provider: provider.entityId,
    metadata: { ...metadata, rules: METADATA_RULES.length },
    requests,
    cases: judged,
    meaningful,
    passed:
      meaningful &&
      metadata.acceptable &&
      requests.every(({ results }) => results.every(({ passed }) => passed)) &&
      judged.every(({ passed }) => passed),
  };
}

async function requestAt(
  url: string,
  serviceProvider: ServiceProvider,
  { provider, clock }: CheckOptions,
): Promise<RequestResult> {
  try {
    const request = await captureRequest(new Visitor(clock), url);
    const results = checkRequest(request, serviceProvider, provider.location);
    return { url, binding: request.binding, results };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const rule = { it: 'parte una richiesta di autenticazione', en: 'an authentication request leaves' };
    return { url, binding: undefined, results: [{ id: 'Q0', rule, passed: false, seen: error.message }] };
  }
}

/** An error of the citizen's has to be explained to her: the page must not be the one for wrong answers (6.1). */
function withPagesOfTheirOwn(cases: readonly Played[]): Played[] {
  const wrongAnswer = cases.find(({ case: { nr } }) => nr === '4')?.words;
  return cases.map((played) =>
    played.passed && played.case.anomaly !== undefined && played.words === wrongAnswer
      ? { ...played, passed: false, samePage: true }
      : played,
  );
}

async function fetchMetadata(url: string, clock: Clock): Promise<Buffer> {
  const visitor = new Visitor(clock);
  const { status, body } = await visitor.follow(await visitor.get(url));
  if (status !== 200 || body.length > METADATA_LIMIT) {
    throw new Unavailable('no_metadata', `${url}: the metadata answers with status ${status}`);
  }
  return Buffer.from(body);
}
