import type { Purpose } from '../../clients/policy.ts';
import type { FailureReason } from '../../sources/source.ts';

/** Everything that can end on a problem page: how a login fails, and what can go wrong around it. */
export type ProblemReason =
  | FailureReason
  | 'login-unknown' // expired, begun in another browser, or cookies are off
  | 'login-over' // completed before
  | 'not-found'
  | 'bad-request'
  | 'too-large' // a form with more in it than the page asks for
  | 'too-many' // more requests from one address than anybody needs
  | 'client-fault' // the service's request is wrong
  | 'internal';

export interface ProblemVariables {
  readonly service: string;
  readonly level: number;
  /** The kind of identity that the service asks for; without it the citizen's own. */
  readonly purpose?: Purpose | undefined;
  /** Whether the same provider is offered once more. */
  readonly again?: boolean;
}

export interface ProblemText {
  readonly title: string;
  readonly happened: (variables: ProblemVariables) => string;
  readonly next: (variables: ProblemVariables) => string;
}
