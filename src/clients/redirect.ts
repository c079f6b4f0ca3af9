import { isLoopback } from '../operations/loopback.ts';
import type { Client } from './client.ts';

/** What can be wrong with an address that citizens are sent to, and what is allowed instead (RFC 9700, 2.1; RFC 8252, 7). */
export const REDIRECT_PROBLEMS = {
  address: 'an absolute URL',
  fragment: 'a URL without fragment',
  user: 'a URL without user name',
  pattern: 'an exact URL, without *',
  https: 'https (http only on a loopback address, for tests)',
  scheme: 'https, http on a loopback address, or a reversed-domain scheme such as it.example.app:',
} as const;
export type RedirectProblem = keyof typeof REDIRECT_PROBLEMS;

/** @returns undefined when citizens may be sent there */
export function redirectProblem(
  uri: string,
  applicationType: Client['applicationType'],
): RedirectProblem | undefined {
  if (!URL.canParse(uri)) return 'address';
  const { protocol, hostname, hash, username, password } = new URL(uri);
  if (hash || uri.endsWith('#')) return 'fragment';
  if (username || password) return 'user';
  // They are compared letter by letter: a pattern would match itself and nothing else.
  if (uri.includes('*')) return 'pattern';
  if (protocol === 'https:') return undefined;
  if (protocol === 'http:' && isLoopback(hostname)) return undefined;
  if (protocol !== 'http:' && applicationType === 'native' && protocol.includes('.')) return undefined;
  return applicationType === 'native' ? 'scheme' : 'https';
}
