import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { assertionConsumerUrl, type Entity } from '../../entities/entity.ts';
import { readBody } from '../../operations/body.ts';
import type { Log } from '../../operations/log.ts';
import { newReference } from '../../operations/reference.ts';
import type { Transaction } from '../../store/store.ts';
import type { Failure, Journey } from '../source.ts';
import type { ClockDrift } from './clock-drift.ts';
import type { SpidOptions } from './options.ts';
import { claim, find, rememberAssertion, type PendingRequest } from './pending.ts';
import type { Arrival } from './response-context.ts';
import { judge, type Verdict } from './response.ts';
import { keepMetadata, publicKeyOf } from './proof.ts';
import type { IdentityProvider } from './registry.ts';
import { isTest, leniencyFor, providersFor, testResult } from './test-login.ts';

/** A SAML response of 256 KiB, in base64, in a form body where every character may be escaped, with room for RelayState. */
export const BODY_LIMIT = 1_100_000;

/** The same answer posted again within this time by a hasty browser continues the login instead of ending it. */
const SAME_ANSWER_MS = 60_000;

/** How long after its own end an assertion is remembered as used (spid-response-validation, 5.5). */
const ASSERTION_REMEMBERED_MS = 60 * 60 * 1000;

/** The assertion consumer service: judge, then claim and register in one transaction, then continue on a same-site GET. */
export async function consumeAssertion(
  ctx: Context,
  options: SpidOptions,
  entity: Entity,
  journey: Journey,
  drift: ClockDrift,
): Promise<void> {
  const now = options.clock.now();
  let testing = false;
  const judged = await judgeWithFreshKeys(options, {
    method: ctx.method,
    contentType: ctx.get('content-type'),
    body: await readBody(ctx.req, BODY_LIMIT),
    acsUrl: assertionConsumerUrl(options.publicUrl, entity),
    now,
    skewSeconds: options.skewSeconds,
    find: async (id) => {
      const pending = await find(options.store.db, id);
      // As it is now: a service may have gone live while the citizen was away.
      testing = pending !== undefined && !isTest(pending) && (await options.isTesting(pending.clientId));
      return pending;
    },
    provider: (entityId, pending) =>
      isTest(pending) || options.isTestProvider(entityId) === testing
        ? providersFor(options, pending).find(entityId)
        : undefined,
    lenient: (pending) => leniencyFor(options, pending),
  });
  const verdict = testing ? ofTest(judged) : judged;
  watchClock(options.log, drift, verdict, now);
  const provider = verdict.pending && providersFor(options, verdict.pending).find(verdict.pending.provider);
  if (provider) await keepMetadata(options, provider);
  const outcome = await options.store.transaction((transaction) =>
    settle(transaction, { ...options, provider }, entity, verdict, now, journey),
  );
  if (outcome.continuation === undefined) {
    await journey.fail(ctx, outcome.failure);
    return;
  }
  ctx.status = 303;
  ctx.redirect(outcome.continuation);
}

/** Whom a test identity provider vouches for is nobody: no real person is found by what it says of her. */
function ofTest(verdict: Verdict): Verdict {
  if (verdict.outcome !== 'accepted') return verdict;
  const { identity } = verdict;
  const person = { ...identity.person, value: `test:${identity.person.value}` };
  return { ...verdict, identity: { ...identity, person, test: true } };
}

/** Providers of tests set their clocks as they like. */
function watchClock(log: Log, drift: ClockDrift, { pending, signedInstant }: Verdict, now: Date): void {
  if (!pending || isTest(pending) || !signedInstant) return;
  const suspicion = drift.note(pending.provider, signedInstant, now);
  if (suspicion) log.event({ event: 'clock_suspect', ...suspicion });
}

/** The checks that say that no key we know verifies a signature. */
const SIGNATURE_CHECKS: readonly string[] = ['S2', 'S8'];

/**
 * A provider may have changed its key since we looked: then we look again, once in a while, and judge once more. The
 * key in the message itself is never believed (spid-registry-and-idps, 1.3, point 8).
 */
async function judgeWithFreshKeys(options: SpidOptions, arrival: Arrival): Promise<Verdict> {
  const verdict = await judge(arrival);
  if (verdict.outcome !== 'refused' || !verdict.pending || !SIGNATURE_CHECKS.includes(verdict.check))
    return verdict;
  return (await options.providers.askAgain(verdict.pending.provider)) ? judge(arrival) : verdict;
}

type Outcome =
  { readonly continuation: string } | { readonly continuation?: undefined; readonly failure: Failure };

/** Claims, registers and hands over, all in one transaction: there is no code without its register entry. */
async function settle(
  transaction: Transaction,
  { provider, ...options }: SpidOptions & { readonly provider: IdentityProvider | undefined },
  entity: Entity,
  verdict: Verdict,
  now: Date,
  journey: Journey,
): Promise<Outcome> {
  const settled = await claimVerdict(transaction, verdict, now);
  const { pending } = settled;
  const reference = pending?.reference ?? newReference();
  const accepted = settled.outcome === 'accepted' ? settled : undefined;
  const outcome = await outcomeOf(transaction, options, settled, reference, now, journey);
  await options.register.append(transaction, {
    transactionId: pending?.transactionId ?? randomUUID(),
    reference,
    at: now,
    kind: 'response',
    source: 'spid',
    entityId: pending?.entityId ?? entity.id,
    clientId: pending?.clientId,
    provider: pending?.provider,
    requestId: settled.requestId,
    messageId: settled.evidence.responseId,
    assertionId: settled.evidence.assertionId,
    outcome: outcomeCode(settled),
    level: accepted?.identity.level,
    person: accepted?.identity.person,
    evidence: {
      ...settled.evidence,
      providerMetadata: provider?.metadataHash,
      verifiedBy: settled.provenBy && publicKeyOf(settled.provenBy),
      ...(settled.outcome === 'refused' ? { detail: settled.detail } : {}),
      ...(settled.letOff.length > 0 ? { letOff: settled.letOff } : {}),
    },
  });
  logVerdict(options.log, entity, settled, reference);
  return outcome;
}

async function outcomeOf(
  transaction: Transaction,
  options: SpidOptions,
  settled: Verdict,
  reference: string,
  now: Date,
  journey: Journey,
): Promise<Outcome> {
  if (settled.outcome === 'accepted') {
    const { pending: answered, identity } = settled;
    // What a test provider vouches for opens no session and becomes nobody.
    if (isTest(answered)) return { continuation: testResult(options, answered, identity.level) };
    return { continuation: await journey.arrive(transaction, answered.loginUid, identity) };
  }
  if (isSameAnswerAgain(settled, now))
    return { continuation: journey.continuation(settled.pending.loginUid) };
  return { failure: failureOf(options, settled, reference) };
}

/** Uses up the request where the specification says so; whoever comes second is refused (C2, A1). */
async function claimVerdict(transaction: Transaction, verdict: Verdict, now: Date): Promise<Verdict> {
  if (verdict.outcome === 'refused') {
    if (verdict.pending && verdict.signatureVerified)
      await claim(transaction, verdict.pending.id, verdict.answerHash, now);
    return verdict;
  }
  const { evidence, answerHash, requestId, pending, provenBy, letOff } = verdict;
  const refusal = async (check: string, detail: string): Promise<Verdict> => ({
    // Read again: another answer has consumed it since.
    pending: await find(transaction, pending.id),
    evidence,
    answerHash,
    requestId,
    provenBy,
    letOff,
    check,
    detail,
    outcome: 'refused',
    reason: 'already-used',
    status: 400,
    signatureVerified: true,
  });
  if (!(await claim(transaction, pending.id, answerHash, now))) return refusal('C2', 'already answered');
  if (verdict.outcome === 'anomaly') return verdict;
  const until = new Date(verdict.notOnOrAfter.getTime() + ASSERTION_REMEMBERED_MS);
  const first = await rememberAssertion(transaction, pending.provider, verdict.assertionId, until);
  return first ? verdict : refusal('A1', 'the assertion was used before');
}

/** A hasty browser posts the same form twice: the second one may go where the first one went, and no further. */
function isSameAnswerAgain(
  verdict: Verdict,
  now: Date,
): verdict is Verdict & { readonly outcome: 'refused'; readonly pending: PendingRequest } {
  return (
    verdict.outcome === 'refused' &&
    verdict.check === 'C2' &&
    verdict.pending?.answerHash === verdict.answerHash &&
    verdict.pending.consumedAt !== null &&
    now.getTime() - verdict.pending.consumedAt.getTime() < SAME_ANSWER_MS
  );
}

function outcomeCode(verdict: Verdict): string {
  if (verdict.outcome === 'accepted') return 'accepted';
  return verdict.outcome === 'anomaly' ? verdict.anomaly.code : verdict.check;
}

function failureOf(
  { providers }: Pick<SpidOptions, 'providers'>,
  verdict: Exclude<Verdict, { outcome: 'accepted' }>,
  reference: string,
): Failure {
  const loginUid = verdict.pending
    ? { loginUid: verdict.pending.loginUid, provider: verdict.pending.provider, level: verdict.pending.level }
    : {};
  if (verdict.outcome === 'anomaly') {
    const { code, reason } = verdict.anomaly;
    return { code, reason, status: 403, reference, ...loginUid };
  }
  const off = verdict.check === 'C4' && providers.isSwitchedOff(verdict.pending?.provider ?? '');
  const reason = off ? 'switched-off' : verdict.reason;
  return { code: 'spid_response', reason, status: verdict.status, reference, ...loginUid };
}

function logVerdict(log: Log, entity: Entity, verdict: Verdict, reference: string): void {
  const { pending } = verdict;
  const common = { reference, entity: entity.id };
  for (const rule of verdict.letOff)
    log.event({ event: 'spid_rule_let_off', ...common, provider: pending?.provider, rule });
  if (verdict.outcome === 'refused') {
    log.event({
      event: 'spid_response_refused',
      ...common,
      check: verdict.check,
      reason: verdict.detail,
      client: pending?.clientId,
      provider: pending?.provider,
    });
    return;
  }
  const { clientId: client, provider } = verdict.pending;
  log.event(
    verdict.outcome === 'anomaly'
      ? { event: 'spid_anomaly', ...common, client, provider, code: verdict.anomaly.code }
      : { event: 'spid_response_accepted', ...common, client, provider, level: verdict.identity.level },
  );
}
