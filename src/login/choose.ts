import type { Context } from 'koa';
import type { Login } from '../sources/source.ts';
import { choosePage, type ChoosePage } from '../web/pages/choose.ts';
import { allowLeaving, brandOf, frameOf, loginPath, nameOf, sourcesFor, type LoginRoom } from './room.ts';

/** A session that nearly suffices, and the provider that can add what is missing. */
export interface Continuation {
  readonly missing: 'level' | 'fresh-authentication' | 'attributes';
  readonly provider: string;
}

/** The choice page: who wants to know what and why, and by whom one can prove who one is. */
export async function choose(
  ctx: Context,
  room: LoginRoom,
  login: Login,
  continuation?: Continuation,
): Promise<void> {
  const { client, language } = login;
  const offers = sourcesFor(room, login).flatMap((source) => source.offers(login));
  const provider = offers.find(({ id }) => id === continuation?.provider);
  const entity = room.entities.get(client.entity);
  const frame = frameOf(room, ctx, language);
  // The body's own notice on personal data, where it has one.
  const privacyUrl = entity?.privacyUrl ?? frame.brand.privacyUrl;
  allowLeaving(ctx, room, client);
  ctx.type = 'html';
  ctx.body = choosePage(
    { ...frame, brand: { ...frame.brand, privacyUrl } },
    {
      service: nameOf(client, language),
      entity: entity?.organization.displayName[language] ?? '',
      level: login.level,
      ...releasedBy(login),
      testing: client.testing === true,
      unavailable: sourcesFor(room, login)
        .flatMap((source) => source.unavailable())
        .map(({ name, since, notice }) => ({ name, since, notice: notice[language] })),
      offers,
      waiting: await waitingFor(room, login),
      brand: brandOf(client, language),
      continuation: continuation && provider ? { missing: continuation.missing, provider } : undefined,
      action: `${loginPath(login.uid)}/depart`,
      backAction: `${loginPath(login.uid)}/back`,
    },
  );
}

/** What the service gets to know by this login, and why. */
export function releasedBy({
  client,
  attributes,
  language,
}: Login): Pick<ChoosePage, 'attributes' | 'ageChecked'> {
  return {
    attributes: client.attributes
      .filter(({ name }) => attributes.includes(name))
      .map(({ name, purpose, legalBasis }) => ({ name, purpose: purpose[language], legalBasis })),
    ageChecked: client.policy?.age !== undefined,
  };
}

/** The provider that she left for last, when no answer has come: it may be out of order, or she changed her mind. */
async function waitingFor(room: LoginRoom, { uid }: Login): Promise<string | undefined> {
  const last = await room.queryable
    .selectFrom('pending_requests')
    .select(['provider', 'consumed_at'])
    .where('login_uid', '=', uid)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  if (!last || last.consumed_at !== null) return undefined;
  return room.sources.map((source) => source.nameOf(last.provider)).find((name) => name !== undefined);
}
