import Keygrip from 'keygrip';
import type { KeySet } from '../keys/rotating-keys.ts';
import type { ProviderOptions } from './options.ts';
import { createProvider, type OpenIdProvider } from './provider.ts';

export interface RotatingProvider extends OpenIdProvider {
  /** Signs cookies, always with the key whose turn it is. */
  readonly cookieKeys: Keygrip;
}

interface RotatingProviderOptions extends Omit<ProviderOptions, 'signingKeys' | 'cookieKeys'> {
  /** Asked at every request. */
  readonly keySet: () => KeySet;
}

/**
 * The OpenID Provider over keys that change while it runs. The library takes its keys once, when it is built, so another
 * is built when they change: all its state is in the store, and a request ends at the one it began at.
 */
export function rotatingProvider(options: RotatingProviderOptions): RotatingProvider {
  // Keygrip reads its list at every signature.
  const list: string[] = [...options.keySet().cookies];
  const cookieKeys = new Keygrip(list, 'sha256');
  let built: { readonly version: string; readonly provider: OpenIdProvider } | undefined;

  const provider = (): OpenIdProvider => {
    const { version, tokens, cookies } = options.keySet();
    if (built?.version !== version) {
      list.splice(0, list.length, ...cookies);
      built = { version, provider: createProvider({ ...options, cookieKeys, signingKeys: tokens }) };
    }
    return built.provider;
  };

  return {
    cookieKeys,
    middleware: async (ctx, next) => {
      await provider().middleware(ctx, next);
    },
    authorization: (ctx, uid) => provider().authorization(ctx, uid),
    confirm: (ctx, uid) => provider().confirm(ctx, uid),
    complete: (ctx, uid, identity) => provider().complete(ctx, uid, identity),
    abort: (ctx, uid, error) => provider().abort(ctx, uid, error),
    end: (transaction, refs) => provider().end(transaction, refs),
    logoutPath: (parameters) => provider().logoutPath(parameters),
    machineToken: (value, resource) => provider().machineToken(value, resource),
    deliverNotices: () => provider().deliverNotices(),
  };
}
