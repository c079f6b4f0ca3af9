import { parseInstant } from '../../../saml/instant.ts';
import { NS } from '../../../saml/names.ts';
import type { XmlElement } from '../../../saml/xml.ts';
import type { Leniency } from '../leniency.ts';
import type { ResponseContext } from '../response-context.ts';

/** One rule of the specification. */
export interface Check {
  /** Identifier in spid-response-validation, sections 2 to 5. */
  readonly id: string;
  readonly rule: string;
  /** @returns why the response is refused, for the log: no personal data, nothing of the message; undefined when it passes */
  readonly test: (context: ResponseContext) => string | undefined;
  /** For which reason, and no other, the check may be let off. */
  readonly lenient?: { readonly leniency: Leniency; readonly reason: string };
}

/** Shorthand: refuse with `reason` unless `holds`. */
export const unless = (holds: boolean | undefined, reason: string): string | undefined =>
  holds ? undefined : reason;

/** Whether a value is there: empty and nothing but white space count as missing (spid-response-validation, 1). */
export const present = (value: string | undefined): value is string =>
  value !== undefined && value.trim() !== '';

/** Why the IssueInstant of a Response or an Assertion is not acceptable (R3, A3). */
export function issueInstantFault(
  { arrival, pending }: ResponseContext,
  element: XmlElement | undefined,
): string | undefined {
  const instant = parseInstant(element?.attribute('IssueInstant') ?? '');
  if (!instant || !pending) return 'no IssueInstant, or not a date';
  const skew = arrival.skewSeconds * 1000;
  if (instant.getTime() < pending.issueInstant.getTime() - skew) return 'issued before the request';
  return unless(instant.getTime() <= arrival.now.getTime() + skew, 'issued in the future');
}

/** Why the Issuer of a Response or an Assertion is not the provider that was asked (R8, A4). */
export function issuerFault(
  element: XmlElement | undefined,
  provider: string | undefined,
): string | undefined {
  const issuers = element?.children(NS.saml, 'Issuer') ?? [];
  return unless(
    issuers.length === 1 && present(provider) && issuers[0]?.text === provider,
    'another Issuer, or none',
  );
}
