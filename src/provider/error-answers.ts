import type { Context, Middleware } from 'koa';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '../operations/log.ts';
import type { ClientLimits } from './limits.ts';
import { serviceError, type ServiceError, type ServiceErrorCode } from './service-errors.ts';

type ResponseMode = Parameters<Provider['registerResponseMode']>[1];

/** What the service is told in the answer to a request. */
const told = new WeakMap<Context, ServiceError>();

/** The library, with our identifiers in whatever it sends back to a service through a browser, signed or not. */
export class DescribingProvider extends Provider {
  override registerResponseMode(name: string, handler: ResponseMode): void {
    super.registerResponseMode(name, function (this: Provider, ctx, redirectUri, payload) {
      return handler.call(this, ctx, redirectUri, described(payload, told.get(ctx)));
    });
  }
}

/** Where more is known than the library says: why there is no such client, or what is wrong with its secret. */
const EXPLAINABLE: ReadonlySet<string> = new Set<ServiceErrorCode>(['client_unknown', 'secret_wrong']);

/** Puts our identifiers where the library has its own words, and into the log. */
export class ErrorAnswers {
  readonly #limits: ClientLimits;

  constructor(limits: ClientLimits) {
    this.#limits = limits;
  }

  /** What a service is told of an error. */
  of(error: Error): ServiceError {
    const known = serviceError(error);
    const because = this.#limits.explanation;
    if (because === undefined || !EXPLAINABLE.has(known.code)) return known;
    return { ...known, code: because, description: because };
  }

  /** Around every request at the provider: answers in JSON, and the header that says what is wrong with a token. */
  readonly middleware: Middleware = async (ctx, next) => {
    await next();
    const error = told.get(ctx);
    const body = ctx.body as unknown;
    if (error === undefined || typeof body !== 'object' || body === null || !('error' in body)) return;
    ctx.body = described(body, error);
    // RFC 9126, 2.3; the library has one status for all requests that are wrong.
    if (error.code === 'body_too_large') ctx.status = 413;
    const headers = [ctx.response.get('WWW-Authenticate') as string | string[] | undefined]
      .flat()
      .filter(Boolean);
    if (headers.length > 0)
      ctx.set(
        'WWW-Authenticate',
        headers.map((header = '') => inHeader(header, error)),
      );
  };

  /** Codes only: descriptions may quote what a client sent. */
  listen(provider: Provider, log: Log): void {
    const tell = (ctx: KoaContextWithOIDC, error: Error) => {
      const answer = this.of(error);
      told.set(ctx, answer);
      log.event({ event: 'oidc_error', code: answer.code, client: ctx.oidc?.client?.clientId });
    };
    provider.on('authorization.error', tell);
    provider.on('grant.error', tell);
    provider.on('pushed_authorization_request.error', tell);
    provider.on('introspection.error', tell);
    provider.on('revocation.error', tell);
    provider.on('userinfo.error', tell);
    provider.on('end_session.error', tell);
    provider.on('end_session_confirm.error', tell);
    provider.on('server_error', (ctx, error) => {
      told.set(ctx, this.of(error));
      log.failure(error, { reference: 'openid-provider' });
    });
  }
}

function described<Answer extends object>(answer: Answer, error: ServiceError | undefined): Answer {
  if (error === undefined || !('error' in answer)) return answer;
  return { ...answer, error: error.error, error_description: error.description };
}

function inHeader(header: string, { description }: ServiceError): string {
  const ours = `error_description="${description}"`;
  return header.replaceAll(/error_description="(?:[^"\\]|\\.)*"/g, () => ours);
}
