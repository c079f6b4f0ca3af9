import { levelOf, type Level } from '../../../identity/level.ts';
import { NS } from '../../../saml/names.ts';
import type { XmlElement } from '../../../saml/xml.ts';
import type { PendingRequest } from '../pending.ts';
import type { Comparison } from '../request.ts';

/** The level an assertion states, if it states exactly one. */
export function levelGiven(assertion: XmlElement | undefined): Level | undefined {
  const classes =
    assertion
      ?.child(NS.saml, 'AuthnStatement')
      ?.child(NS.saml, 'AuthnContext')
      ?.children(NS.saml, 'AuthnContextClassRef') ?? [];
  return classes.length === 1 ? levelOf(classes[0]?.text ?? '') : undefined;
}

/**
 * Whether a level satisfies what was asked. A provider may always go higher (spid-response-validation, 5.3).
 */
export function levelAccepted(comparison: Comparison, requested: Level, given: Level): boolean {
  switch (comparison) {
    case 'exact':
    case 'minimum':
      return given >= requested;
    case 'better':
      return given > requested;
    case 'maximum':
      return true;
  }
}

/**
 * Why a level is not enough: for what was asked (the table of 5.3) or for the service, which `maximum` alone would let
 * a provider go below.
 */
export function levelFault(
  given: Level | undefined,
  pending: PendingRequest | undefined,
): string | undefined {
  if (!given || !pending || !levelAccepted(pending.comparison, pending.level, given))
    return 'the level is too low';
  return given < (pending.minimumLevel ?? pending.level)
    ? 'the level is below what the service needs'
    : undefined;
}
