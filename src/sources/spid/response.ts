import type { KeyObject } from 'node:crypto';
import type { Identity, UpstreamSession } from '../../identity/identity.ts';
import { personKeyOf } from '../../identity/person-key.ts';
import { parseInstant } from '../../saml/instant.ts';
import { NS } from '../../saml/names.ts';
import type { XmlElement } from '../../saml/xml.ts';
import type { FailureReason } from '../source.ts';
import { anomalyOf, type Anomaly } from './anomalies.ts';
import { CHECKS } from './checks.ts';
import { nameId } from './checks/assertion.ts';
import type { Check } from './checks/check.ts';
import type { Leniency } from './leniency.ts';
import { levelGiven } from './checks/level.ts';
import { kindOf } from './kind.ts';
import { sha256, type PendingRequest } from './pending.ts';
import { ResponseContext, statusMessage, type Arrival } from './response-context.ts';

/** What the register keeps of a response, whatever became of it (spid-register-and-logout, 1). */
export interface ReceivedEvidence {
  /** The message exactly as it arrived: the decoded XML, or the start of whatever else came. */
  readonly message: Uint8Array;
  /** The base64 that it arrived in, where it is not the one that the message gives. */
  readonly form?: string;
  readonly responseId?: string;
  readonly issueInstant?: string;
  readonly issuer?: string;
  readonly inResponseTo?: string;
  readonly assertionId?: string;
  readonly nameId?: string;
  readonly nameQualifier?: string;
}

interface Judged {
  readonly evidence: ReceivedEvidence;
  /** SHA-256 of the decoded response: the same answer posted twice is told from another one. */
  readonly answerHash: string;
  readonly requestId: string | undefined;
  /** IssueInstant out of the signed bytes; undefined where no signature was verified. */
  readonly signedInstant?: Date | undefined;
  /** The provider's key that verified a signature of it, whatever became of it then. */
  readonly provenBy?: KeyObject | undefined;
  /** Rules it broke that its provider is let off. */
  readonly letOff: readonly Leniency[];
}

/** The outcome of the checks. Nothing has been claimed or written yet. */
export type Verdict = Judged &
  (
    | {
        readonly outcome: 'accepted';
        readonly pending: PendingRequest;
        readonly identity: Identity;
        readonly assertionId: string;
        /** Until then the assertion could be presented again. */
        readonly notOnOrAfter: Date;
      }
    | { readonly outcome: 'anomaly'; readonly pending: PendingRequest; readonly anomaly: Anomaly }
    | {
        readonly outcome: 'refused';
        /** Id of the check that refused. */
        readonly check: string;
        /** For the log. */
        readonly detail: string;
        readonly reason: FailureReason;
        readonly status: number;
        readonly pending: PendingRequest | undefined;
        /** A provider really signed it: the request is then used up (C2). */
        readonly signatureVerified: boolean;
      }
  );

/**
 * Judges a response: runs every check in order and stops at the first that fails. Throws for no input, writes nothing.
 * @param checks the table; another one is given only by tests
 */
export async function judge(arrival: Arrival, checks: readonly Check[] = CHECKS): Promise<Verdict> {
  using context = await ResponseContext.open(arrival);
  const letOff: Leniency[] = [];
  const judged = { ...evidenceOf(context), letOff };
  for (const { lenient, ...check } of checks) {
    const detail = check.test(context);
    if (detail === undefined) continue;
    if (lenient?.reason === detail && context.leniencies.includes(lenient.leniency)) {
      letOff.push(lenient.leniency);
      continue;
    }
    if (check.id === 'R7' && context.pending) {
      return {
        ...judged,
        outcome: 'anomaly',
        signedInstant: signedInstant(context),
        provenBy: context.provenBy,
        pending: context.pending,
        anomaly: anomalyOf(statusMessage(context.response)),
      };
    }
    return refuse(context, judged, check.id, detail);
  }
  return accept(context, judged);
}

function accept(context: ResponseContext, judged: Judged): Verdict {
  const { assertion, pending, verifiedBy, attributes } = context;
  const level = levelGiven(assertion);
  const person = pending && personKeyOf(attributes, pending.provider);
  const statement = assertion?.child(NS.saml, 'AuthnStatement');
  const authenticatedAt = parseInstant(statement?.attribute('AuthnInstant') ?? '');
  const assertionId = assertion?.attribute('ID');
  // Every one of these has been checked; should a check be missing from the table, nothing is accepted without them.
  if (!assertion || !pending || !verifiedBy || !level || !person || !authenticatedAt || !assertionId) {
    return refuse(context, judged, 'S11', 'nothing verified to read from');
  }
  const session = upstreamSession(assertion, statement, pending);
  return {
    ...judged,
    outcome: 'accepted',
    signedInstant: signedInstant(context),
    pending,
    assertionId,
    notOnOrAfter: latestUse(assertion, context.arrival.now),
    provenBy: verifiedBy,
    identity: {
      person,
      level,
      kind: kindOf(pending.purpose, attributes),
      attributes,
      asked: pending.attributeSet.attributes,
      source: 'spid',
      provider: pending.provider,
      authenticatedAt,
      transaction: pending.transactionId,
      ...(session ? { session } : {}),
    },
  };
}

/** Only answers to level 1 requests open a session that single logout can close (A19; spid-register-and-logout, 2). */
function upstreamSession(
  assertion: XmlElement,
  statement: XmlElement | undefined,
  pending: PendingRequest,
): UpstreamSession | undefined {
  const sessionIndex = statement?.attribute('SessionIndex');
  const name = nameId(assertion);
  const nameQualifier = name?.attribute('NameQualifier');
  return pending.level === 1 && sessionIndex && name && nameQualifier
    ? { sessionIndex, nameId: name.text, nameQualifier }
    : undefined;
}

/** The latest NotOnOrAfter of the assertion. */
function latestUse(assertion: XmlElement, now: Date): Date {
  const ends = [
    ...assertion.descendants(NS.saml, 'SubjectConfirmationData'),
    ...assertion.children(NS.saml, 'Conditions'),
  ]
    .map((element) => parseInstant(element.attribute('NotOnOrAfter') ?? ''))
    .filter((end) => end !== undefined);
  return new Date(Math.max(now.getTime(), ...ends.map((end) => end.getTime())));
}

/** Validation failures share one explanation: the citizen can do nothing about them, an attacker could (principle 1). */
function refuse(context: ResponseContext, judged: Judged, check: string, detail: string): Verdict {
  const { pending } = context;
  const known: Readonly<Record<string, readonly [FailureReason, number]>> = {
    C1: ['unsolicited', 400],
    'C2 already answered': ['already-used', 400],
    'C2 expired': ['expired', 400],
    'A21 an indispensable attribute is missing': ['attributes-missing', 403],
  };
  const malformed: readonly [FailureReason, number] = ['rejected', check.startsWith('T') ? 400 : 403];
  const [reason, status] = known[`${check} ${detail}`] ?? known[check] ?? malformed;
  return {
    ...judged,
    outcome: 'refused',
    check,
    detail,
    reason,
    status,
    pending,
    signatureVerified: isVerified(context, check),
    signedInstant: isVerified(context, check) ? signedInstant(context) : undefined,
    provenBy: isVerified(context, check) ? context.provenBy : undefined,
  };
}

/** Before the signatures have been looked at nothing is verified, and looking would cost more than it is worth. */
function isVerified(context: ResponseContext, check: string): boolean {
  return /^[RA]|^T6$/.test(check) && context.signatureVerified;
}

/** When the provider says it answered, from what it signed. */
function signedInstant({ assertion, response, responseIsSigned }: ResponseContext): Date | undefined {
  const signed = assertion ?? (responseIsSigned ? response : undefined);
  return parseInstant(signed?.attribute('IssueInstant') ?? '');
}

/** What is not even base64 proves nothing worth its whole length. */
const JUNK_KEPT = 16 * 1024;

function evidenceOf({
  arrival,
  fields,
  bytes,
  root,
  arrivedAssertions,
}: ResponseContext): Omit<Judged, 'letOff'> {
  const [assertion] = arrivedAssertions;
  const name = nameId(assertion);
  const form = fields?.get('SAMLResponse');
  const found = {
    form: bytes && bytes.toString('base64') !== form ? form : undefined,
    responseId: root?.attribute('ID'),
    issueInstant: root?.attribute('IssueInstant'),
    issuer: root?.child(NS.saml, 'Issuer')?.text,
    inResponseTo: root?.attribute('InResponseTo'),
    assertionId: assertion?.attribute('ID'),
    nameId: name?.text,
    nameQualifier: name?.attribute('NameQualifier'),
  };
  return {
    evidence: {
      message: bytes ?? arrival.body.subarray(0, JUNK_KEPT),
      ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)),
    },
    answerHash: sha256(bytes ?? ''),
    requestId: root?.attribute('InResponseTo'),
  };
}
