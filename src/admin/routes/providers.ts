import type { By } from '../../audit/entry.ts';
import type { Localised } from '../../identity/language.ts';
import { Refused } from '../../operations/errors.ts';
import type { IdentityProvider } from '../../sources/spid/registry.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { mayDo } from '../operations.ts';
import { addressOf, providerBody, providersBody, refreshedBody } from '../pages/providers.ts';
import { refreshProviders, switchProvider } from '../provider-desk.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/providers';
const LONGEST_NOTICE = 300;
const NOTICES = ['notice-it', 'notice-en'] as const;

/** Identity providers: how the federation stands, and the kill switch of each. */
export function providerRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { federation } = room;
  const { providers } = federation;

  const find = (id: unknown): IdentityProvider => {
    const provider = typeof id === 'string' ? providers.listed(id) : undefined;
    if (!provider) throw new Refused('provider_unknown', 'no such provider', { status: 404 });
    return provider;
  };
  const page = (visit: Visit, provider: IdentityProvider, wrong: readonly string[] = []): Answer => ({
    title: provider.name,
    ...(wrong.length > 0 ? { status: 422 } : {}),
    body: providerBody(visit, {
      provider,
      wrong,
      mayChange: mayDo(visit, 'providers.change'),
      now: room.clock.now(),
      off: providers.switchedOff().find(({ entityId }) => entityId === provider.entityId),
    }),
  });
  /** Here at once; other processes take it up within seconds. */
  const turn = async (provider: IdentityProvider, notice: Localised | undefined, by: By): Promise<Answer> => {
    await switchProvider(room, provider.entityId, notice, by);
    await federation.followSwitches();
    return { goTo: addressOf(provider).slice('/admin'.length) };
  };

  return [
    {
      method: 'GET',
      path: PATH,
      operation: 'providers.read',
      answer: async (visit) => ({
        title: consoleMessages[visit.language].section.providers,
        body: providersBody(visit, {
          providers: [...providers.all()].sort((a, b) => a.name.localeCompare(b.name, visit.language)),
          off: providers.switchedOff(),
          now: room.clock.now(),
          warnings: await federation.warnings(),
          registry: federation.hasRegistry ? await federation.registryTimes() : undefined,
          waiting: (await federation.pins?.waiting()) ?? 0,
          mayChange: mayDo(visit, 'providers.change'),
        }),
      }),
    },
    {
      method: 'GET',
      path: `${PATH}/provider`,
      operation: 'providers.read',
      answer: (visit, { query }) => page(visit, find(query['id'])),
    },
    {
      method: 'POST',
      path: `${PATH}/refresh`,
      operation: 'providers.change',
      answer: async ({ language, by }) => ({
        title: consoleMessages[language].providers.refreshTitle,
        body: refreshedBody(language, await refreshProviders(room, by)),
      }),
    },
    {
      method: 'POST',
      path: `${PATH}/switch-off`,
      operation: 'providers.change',
      confirmedFrom: () => PATH,
      answer: async (visit) => {
        const provider = find(visit.fields.get('provider'));
        const [it = '', en = ''] = NOTICES.map((name) => (visit.fields.get(name) ?? '').trim());
        const wrong = NOTICES.filter((name) => (visit.fields.get(name) ?? '').trim().length > LONGEST_NOTICE);
        if (wrong.length > 0) return page(visit, provider, wrong);
        return turn(provider, { it, en: en || it }, visit.by);
      },
    },
    {
      method: 'POST',
      path: `${PATH}/switch-on`,
      operation: 'providers.change',
      confirmedFrom: () => PATH,
      answer: (visit) => turn(find(visit.fields.get('provider')), undefined, visit.by),
    },
  ];
}
