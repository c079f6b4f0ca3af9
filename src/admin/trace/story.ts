import type { Language } from '../../identity/language.ts';
import type { EntrySummary } from '../../register/entry.ts';
import { trace } from '../../web/messages/console/trace.ts';
import { adviceOn, type Advice } from './advice.ts';

/** One thing that happened under a support reference, in words. No personal data. */
export interface Told {
  readonly at: Date;
  readonly sentence: string;
  readonly advice: Advice | undefined;
}

/** How services and providers are called where the story is told; by default by their ids. */
export interface Names {
  readonly client: (id: string) => string;
  readonly provider: (id: string) => string;
}

const BY_ID: Names = { client: (id) => id, provider: (id) => id };

/** Entries of the register as one story, in the order in which they are given. */
export function storyOf(
  entries: readonly EntrySummary[],
  language: Language,
  names: Names = BY_ID,
): readonly Told[] {
  return entries.map((entry) => ({
    at: entry.at,
    sentence: sentence(entry, language, names),
    advice: adviceOn(entry, language),
  }));
}

/** What the citizen is told: what went wrong last, unless she got in after it. */
export function citizenAdvice(entries: readonly EntrySummary[], language: Language): string {
  const decisive = entries.findLast((entry) => entry.kind === 'granted' || adviceOn(entry, language));
  const { citizen } = trace[language];
  if (!decisive) return citizen.away;
  return adviceOn(decisive, language)?.citizen ?? citizen.nothing;
}

/**
 * A support reference as it is written.
 * @returns undefined for what cannot be one
 */
export function readReference(text: string): string | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, '');
  return /^[A-Z0-9]{8}$/.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : undefined;
}

/** An entry in words. What is not known is left out. */
function sentence(entry: EntrySummary, language: Language, names: Names): string {
  const { told } = trace[language];
  const level = entry.level === null ? '' : told.level(entry.level);
  const outcome = entry.outcome === 'accepted' ? told.accepted : told.refused(entry.outcome ?? '–');
  const client = entry.clientId === null ? '–' : names.client(entry.clientId);
  const provider = entry.provider === null ? '–' : names.provider(entry.provider);
  const [request, message] = [entry.requestId ?? told.withoutId, entry.messageId ?? told.withoutId];
  const sentences: Readonly<Record<string, string>> = {
    request: told.request(request, provider, client, level),
    response: told.answer(message, outcome, level),
    'no-answer': told.unanswered(request),
    granted: told.granted(client, level),
    tokens: told.tokens(client),
    released: told.released(client, entry.claims.join(', ')),
    'logged-out': told.loggedOut,
    // Ours leaves without an outcome; what came of it the answer says.
    'logout-request':
      entry.outcome === null ? told.logoutAsked(message, provider) : told.logoutRequest(message, outcome),
    'logout-response': told.logoutResponse(message, told.logoutOutcomes[entry.outcome ?? ''] ?? outcome),
    destroyed: told.destroyed,
  };
  return sentences[entry.kind] ?? entry.kind;
}
