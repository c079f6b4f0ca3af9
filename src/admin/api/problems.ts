import { STATUS_CODES } from 'node:http';
import type { Context } from 'koa';
import { InvalidClient } from '../../clients/changes.ts';
import { Refused, Unavailable } from '../../operations/errors.ts';
import type { Log } from '../../operations/log.ts';
import { newReference } from '../../operations/reference.ts';

/** One thing that is wrong with what was sent. */
export interface InputFault {
  /** Where, as a JSON pointer (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** What was sent does not have the shape that the API's description gives. */
export class InvalidInput extends Refused {
  readonly faults: readonly InputFault[];

  constructor(code: string, message: string, faults: readonly InputFault[], status = 422) {
    super(code, message, { status });
    this.faults = faults;
  }
}

/** Tells what went wrong as RFC 9457 wants it, with a stable code; of what nobody foresaw only a reference. */
export function showProblem(ctx: Context, log: Log, error: unknown): void {
  const reference = newReference();
  const { status, code, detail } = described(error);
  if (!(error instanceof Refused)) log.failure(error, { reference });
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  if (status === 401)
    ctx.set('WWW-Authenticate', `Bearer error="invalid_token", error_description="${code}"`);
  if (code === 'role_missing') ctx.set('WWW-Authenticate', 'Bearer error="insufficient_scope"');
  ctx.body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail,
    reference,
    ...(error instanceof InvalidInput ? { errors: error.faults } : {}),
    ...(error instanceof InvalidClient ? { errors: faultsOf(error) } : {}),
  });
  ctx.type = 'application/problem+json';
}

function described(error: unknown): { status: number; code: string; detail: string } {
  if (error instanceof Refused) {
    // Somebody was faster than the If-Match of this request.
    const status = error.code === 'client_stale' ? 412 : error.status;
    return { status, code: error.code, detail: error.message };
  }
  const status = error instanceof Unavailable ? error.status : 500;
  const code = error instanceof Unavailable ? error.code : 'internal';
  return { status, code, detail: 'this is ours to mend; quote the reference' };
}

function faultsOf({ violations }: InvalidClient): InputFault[] {
  return violations.map(({ key, rule, found, allowed }) => ({
    pointer: `/${key.replace(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`,
    detail: `found ${found}; allowed: ${allowed} (${rule})`,
  }));
}
