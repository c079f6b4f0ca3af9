import { randomBytes } from 'node:crypto';
import type { Level } from '../identity/level.ts';
import type { Clock } from '../operations/clock.ts';
import { Unavailable } from '../operations/errors.ts';
import { captureRequest, type CapturedRequest } from './capture.ts';
import { expectedOf, levelFor, type Asked, type Case, type Comparison } from './cases.ts';
import { Dom } from './dom.ts';
import type { Facts, Kit } from './model.ts';
import { readPage } from './page.ts';
import type { TestProvider } from './provider.ts';
import type { ServiceProvider } from './service-provider.ts';
import { TEST_PERSON } from './test-person.ts';
import { Visitor, type Seen } from './visitor.ts';

/** What is played against what. */
export interface Stage {
  readonly serviceProvider: ServiceProvider;
  readonly provider: TestProvider;
  readonly clock: Clock;
  readonly sign: Kit['sign'];
}

/** What became of one case. */
export interface Played {
  readonly case: Case;
  readonly asked: Asked;
  /** `undefined`: either is fine. */
  readonly expected: 'OK' | 'KO' | undefined;
  readonly passed: boolean;
  /** Final HTTP status; 0 when nobody answered. */
  readonly status: number;
  /** The heading of the last page, or why there is none. */
  readonly seen: string;
  /** The words of the last page, without numbers and codes. */
  readonly words: string;
  /** A page that explains nothing: it is the one that wrong answers get. */
  readonly samePage?: true;
}

/** How long an assertion is good for, in milliseconds. */
const VALID_MS = 5 * 60 * 1000;

/** What the service provider may end in when it lets nobody in (spid-response-validation, introduction). */
const KO_STATUSES: readonly number[] = [400, 401, 403, 422, 500];

/** Plays one case: a new browser, a new request, the answer, and where that leads. */
export async function play(
  stage: Stage,
  loginUrl: string,
  played: Case,
  visitor = new Visitor(stage.clock),
): Promise<Played> {
  let asked: Asked = { level: 2, comparison: 'minimum' };
  try {
    const captured = await captureRequest(visitor, loginUrl);
    const facts = factsOf(captured, stage);
    asked = facts.asked;
    const { key, foreign } = stage.provider;
    const xml = played.answer({ facts, key, foreign, sign: stage.sign });
    const seen = await deliver(stage, visitor, facts.acsUrl, formOf(xml, captured, played), played);
    return judged(played, asked, seen);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const expected = expectedOf(played, asked);
    return { case: played, asked, expected, passed: false, status: 0, seen: error.message, words: '' };
  }
}

function judged(played: Case, asked: Asked, { status, body }: Seen): Played {
  const expected = expectedOf(played, asked);
  const letIn = status === 200;
  const passed = expected === 'OK' ? letIn : KO_STATUSES.includes(status) || (letIn && !expected);
  const { heading, words } = readPage(body);
  return {
    case: played,
    asked,
    expected,
    passed,
    status,
    seen: heading,
    // Without support codes and times, which differ from page to page.
    words: words.replace(/\S*\d\S*|\b[A-Z]{3,}[-A-Z]*\b/g, '').replace(/\s+/g, ' '),
  };
}

function formOf(xml: string, { relayState }: CapturedRequest, { delivery }: Case): URLSearchParams {
  const form = new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') });
  if (relayState !== undefined) form.set('RelayState', relayState);
  delivery?.form?.(form);
  return form;
}

async function deliver(
  { clock, provider }: Stage,
  visitor: Visitor,
  acsUrl: string,
  form: URLSearchParams,
  { delivery }: Case,
): Promise<Seen> {
  const another = new Visitor(clock);
  if (delivery?.again) await visitor.post(acsUrl, form, provider.location);
  return (delivery?.again || delivery?.elsewhere ? another : visitor).post(acsUrl, form, provider.location);
}

/**
 * What the request says of itself, and what a provider knows of who sent it.
 * @throws Unavailable when it says too little to be answered
 */
function factsOf({ xml }: CapturedRequest, stage: Stage): Facts & { readonly asked: Asked } {
  using dom = Dom.read(xml);
  const requestId = dom?.attribute('@ID');
  const { consumers, attributeSets, entityId } = stage.serviceProvider;
  const index = dom?.attribute('@AssertionConsumerServiceIndex');
  const acsUrl =
    dom?.attribute('@AssertionConsumerServiceURL') ??
    consumers.find((consumer) => consumer.index === index)?.location ??
    consumers[0]?.location;
  if (!dom || !requestId || !acsUrl) {
    throw new Unavailable(
      'bad_request',
      'the authentication request cannot be answered: no ID or no address',
    );
  }
  const asked = {
    level: levelIn(dom.text('samlp:RequestedAuthnContext/saml:AuthnContextClassRef')),
    comparison: (dom.attribute('samlp:RequestedAuthnContext/@Comparison') ?? 'exact') as Comparison,
  };
  const set = dom.attribute('@AttributeConsumingServiceIndex');
  const names = attributeSets.get(set ?? '') ?? [];
  const now = stage.clock.now();
  return {
    asked,
    requestId,
    requested: dom.attribute('@IssueInstant') ?? '',
    acsUrl,
    audience: dom.attribute('saml:Issuer/@NameQualifier') ?? entityId,
    provider: stage.provider.entityId,
    responseId: newId(),
    assertionId: newId(),
    nameId: newId(),
    instant: now.toISOString(),
    end: new Date(now.getTime() + VALID_MS).toISOString(),
    level: levelFor(asked),
    attributes: Object.fromEntries(names.map((name) => [name, TEST_PERSON[name] ?? 'prova'])),
  };
}

function levelIn(classRef: string | undefined): Level {
  return classRef?.trim().endsWith('1') ? 1 : classRef?.trim().endsWith('3') ? 3 : 2;
}

function newId(): string {
  return `_${randomBytes(16).toString('hex')}`;
}
