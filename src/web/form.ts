import type { Context } from 'koa';
import { readBody } from '../operations/body.ts';
import { Refused } from '../operations/errors.ts';
import { formFields } from '../operations/text.ts';

/** In bytes: a choice and a few words. */
const SHORT_FORM = 16 * 1024;

/**
 * The fields of a form on one of our own pages.
 * @param limit bytes of what the form's own fields may hold, every character escaped
 * @throws Refused `foreign_form` (403) when another site submitted it, `not_a_form` (415), `duplicate_field` or
 *   `characters_refused` (400), `body_too_large` (413)
 */
export async function readOwnForm(
  ctx: Context,
  publicUrl: string,
  limit = SHORT_FORM,
): Promise<ReadonlyMap<string, string>> {
  const origin = ctx.get('origin');
  const site = ctx.get('sec-fetch-site');
  // Browsers send at least one of the two with a form, and both speak plainly about our own pages.
  const ours = site ? site === 'same-origin' : origin === new URL(publicUrl).origin;
  if (!ours) throw new Refused('foreign_form', 'the form was submitted by another site', { status: 403 });
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw new Refused('not_a_form', 'only application/x-www-form-urlencoded is accepted', { status: 415 });
  }
  const fields = new Map<string, string>();
  for (const [name, value] of formFields(await readBody(ctx.req, limit))) {
    if (fields.has(name)) throw new Refused('duplicate_field', 'a form field occurs twice');
    fields.set(name, value);
  }
  return fields;
}
