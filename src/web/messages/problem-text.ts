import type { FailureReason } from '../../sources/source.ts';

/** Everything that can end on a problem page: how a login fails, and what can go wrong around it. */
export type ProblemReason =
  | FailureReason
  | 'login-unknown' // expired, begun in another browser, or cookies are off
  | 'login-over' // completed before
  | 'not-found'
  | 'bad-request'
  | 'too-many' // more requests from one address than anybody needs
  | 'client-fault' // the service's request is wrong
  | 'internal';

export interface ProblemVariables {
  readonly service: string;
  readonly level: number;
}

export interface ProblemText {
  readonly title: string;
  readonly happened: (variables: ProblemVariables) => string;
  readonly next: (variables: ProblemVariables) => string;
}
