import type { SourceKind } from '../identity/identity.ts';
import type { Level } from '../identity/level.ts';

/** What happens in a login and is counted. None of it says whose login it is. */
export const LOGIN_STEPS = [
  'shown', // a page asked who she is
  'chosen', // a request left for a provider
  'returned', // the provider answered, well or badly
  'failed', // it ended in an error: with its code
  'entered', // she proved who she is and was sent back to the service
  'granted', // the service got a code: of those who entered, and of those whose session sufficed
  'redeemed', // the service redeemed it
] as const;
export type LoginStep = (typeof LOGIN_STEPS)[number];

export interface LoginEvent {
  readonly step: LoginStep;
  readonly entityId: string;
  readonly clientId: string;
  /** Of a service in the test stage: invented citizens come to it, by test providers. */
  readonly testing: boolean;
  /** How she proves who she is, once that was chosen. */
  readonly source?: SourceKind | undefined;
  /** Where one was chosen. Its id is of one source only: the choice page finds the source by it. */
  readonly provider?: string | undefined;
  readonly level?: Level | undefined;
  /** Of what failed: an anomaly, the check that refused, or a word. */
  readonly code?: string | undefined;
}

/** How often each step happened. */
export type Funnel = Readonly<Record<LoginStep, number>>;

/** By what the figures can be broken down. Errors are counted under `failed`. */
export const DIMENSIONS = ['total', 'provider', 'source', 'level', 'error'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What is counted in the test stage of a service stands under another name, which no service can have. */
export const TEST_PREFIX = 'test:';

export function testClient(clientId: string): string {
  return `${TEST_PREFIX}${clientId}`;
}
