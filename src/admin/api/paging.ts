import { Refused } from '../../operations/errors.ts';
import type { ApiAnswer, ApiVisit } from './route.ts';

const USUAL = 50;
export const MOST_ON_A_PAGE = 100;

/**
 * How many, and after what.
 * @throws Refused `limit_invalid`, `cursor_invalid`
 */
export function pageOf({ query }: Pick<ApiVisit<unknown>, 'query'>): {
  readonly limit: number;
  readonly after: string | undefined;
} {
  const limit = query.limit === undefined ? USUAL : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ON_A_PAGE)
    throw new Refused('limit_invalid', `limit is a whole number from 1 to ${MOST_ON_A_PAGE}`);
  if (query.cursor === undefined) return { limit, after: undefined };
  const after = Buffer.from(query.cursor, 'base64url').toString('utf8');
  if (after === '' || cursorOf(after) !== query.cursor) throw badCursor();
  return { limit, after };
}

export function badCursor(): Refused {
  return new Refused('cursor_invalid', 'cursor is what an answer gave as "next", unchanged');
}

/** @param found one more than fit on the page, where there are more */
export function paged<Item>(
  found: readonly Item[],
  limit: number,
  keyOf: (item: Item) => string,
  shown: (item: Item) => unknown,
): ApiAnswer {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? cursorOf(keyOf(last)) : undefined;
  return { body: { items: items.map(shown), next: next ?? null }, ...(next === undefined ? {} : { next }) };
}

function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}
