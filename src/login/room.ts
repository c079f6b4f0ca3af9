import type { Context } from 'koa';
import { isOwn, type Client } from '../clients/client.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { Entity } from '../entities/entity.ts';
import type { Identities } from '../identity/identities.ts';
import type { Language } from '../identity/language.ts';
import type { Level } from '../identity/level.ts';
import type { Persons } from '../identity/persons.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { OpenIdProvider } from '../provider/provider.ts';
import type { IdentitySource, Login } from '../sources/source.ts';
import type { Brand } from '../web/brand.ts';
import type { Queryable, Store } from '../store/store.ts';
import { applyPolicy } from '../web/headers.ts';
import { alternateUrl } from '../web/language.ts';
import type { ServiceBrand } from '../web/pages/service-brand.ts';
import type { PageFrame } from '../web/layout.ts';
import type { LoginCounts } from '../figures/login-counts.ts';
import type { Logins } from './logins.ts';
import type { SignOuts } from './sign-outs.ts';

/** What the steps of a login work with. */
export interface LoginRoom {
  readonly publicUrl: string;
  readonly brand: Brand;
  readonly asset: (name: string) => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly clients: ClientRegister;
  readonly entities: { get(id: string): Entity | undefined };
  readonly sources: readonly IdentitySource[];
  readonly provider: OpenIdProvider;
  readonly logins: Logins;
  readonly counts: Pick<LoginCounts, 'add'>;
  readonly signOuts: SignOuts;
  readonly queryable: Queryable;
  readonly transaction: Store['transaction'];
  readonly persons: Persons;
  readonly identities: Identities;
  /** Milliseconds that an identity of a level may be built upon. */
  readonly standingMs: (level: Level) => number;
}

/** The ways to prove who one is that this service allows. */
export function sourcesFor(room: LoginRoom, { client }: Pick<Login, 'client'>): readonly IdentitySource[] {
  const allowed = client.policy?.sources;
  return room.sources.filter(({ kind }) => !allowed || allowed.includes(kind));
}

/** What sentences call a service. Our own pages have titles for names, which no sentence can take in as they are. */
export function nameOf(client: Client, language: Language): string {
  const name = client.name[language];
  if (!isOwn(client)) return name;
  return language === 'it' ? `«${name}»` : `“${name}”`;
}

/** How a service presents itself, in the language of the page. */
export function brandOf({ branding }: Client, language: Language): ServiceBrand {
  return { logo: branding?.logo, text: branding?.text?.[language], links: branding?.links ?? {} };
}

export const loginPath = (uid: string): string => `/login/${uid}`;

/**
 * Where the forms of a login's pages lead: to any provider (whose own redirects are not ours to know) and back to the
 * service, whose address may have a scheme of its own.
 */
export function allowLeaving(ctx: Context, room: LoginRoom, client: Client): void {
  const providers = room.publicUrl.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  applyPolicy(ctx, { leadsTo: [...providers, ...client.redirectUris] }, room.publicUrl);
}

/** The frame of a page that may be asked for again in the other language; `problemFrame` for those that may not. */
export function frameOf(room: LoginRoom, ctx: Context, language: Language): PageFrame {
  return { ...problemFrame(room, language), alternateUrl: alternateUrl(ctx, language) };
}

/** The frame of a page that ends something: asking again would be another thing, or the same thing twice. */
export function problemFrame(room: Pick<LoginRoom, 'brand' | 'asset'>, language: Language): PageFrame {
  return { language, brand: room.brand, asset: room.asset };
}
