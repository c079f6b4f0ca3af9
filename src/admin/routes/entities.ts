import type { KeptEntity } from '../../entities/declarations.ts';
import { metadataDifferences } from '../../entities/metadata-diff.ts';
import { Refused } from '../../operations/errors.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { entitiesBody } from '../pages/entities.ts';
import { entityBody } from '../pages/entity.ts';
import { previewBody, versionBody } from '../pages/metadata.ts';
import { mayDo } from '../operations.ts';
import { covers } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/entities';
const ON_A_PAGE = 50;

/** Bodies and the way of their metadata, by the same functions as the command line. */
export function entityRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { entities, lifeCycle } = room;
  const one = (id: string) => `${PATH}/${id}`;

  /** Of another body there is nothing to see, not even that it exists. */
  const find = async ({ params, scope }: Visit): Promise<KeptEntity> => {
    await entities.fresh();
    const kept = entities.kept().find(({ declaration }) => declaration.id === params['id']);
    if (!kept || !covers(scope, kept.declaration.id))
      throw new Refused('entity_unknown', 'not hers', { status: 404 });
    return kept;
  };

  /** An act on a body, noted in the audit trail; back on its page unless it has something to show. */
  const act = (
    path: string,
    action: string,
    run: (visit: Visit, id: string) => Promise<Answer | undefined | void>,
    harmless = false,
  ): ConsoleRoute => ({
    ...{ method: 'POST', path: `${PATH}/:id/${path}`, operation: 'entities.change' },
    ...(harmless ? {} : { confirmedFrom: (params: Visit['params']) => one(params['id'] ?? '') }),
    answer: async (visit) => {
      const { id } = (await find(visit)).declaration;
      const answer = await run(visit, id);
      const version = visit.params['version'];
      const provider = chosenProvider(visit);
      await room.store.transaction((transaction) =>
        room.trail.append(transaction, {
          ...{ at: room.clock.now(), action: `metadata.${action}`, entityId: id },
          target: { kind: 'entity', id },
          ...(version === undefined ? {} : { after: { version: Number(version), provider } }),
          ...visit.by,
        }),
      );
      await entities.fresh();
      return answer ?? { goTo: one(id) };
    },
  });

  return [
    {
      ...{ method: 'GET', path: PATH, operation: 'entities.read' },
      answer: async ({ language, scope }, { query }) => {
        await entities.fresh();
        const text = typeof query['q'] === 'string' ? query['q'].slice(0, 100) : '';
        const page = Math.max(0, Math.trunc(Number(query['page']) || 0));
        const found = entities
          .kept()
          .filter(({ declaration }) => covers(scope, declaration.id) && matches(declaration, text));
        return {
          title: consoleMessages[language].section.entities,
          body: entitiesBody(language, {
            text,
            entities: found.slice(page * ON_A_PAGE, (page + 1) * ON_A_PAGE).map((kept) => ({
              ...kept,
              versionInForce: entities.allInForce(kept.declaration.id)[0]?.version,
            })),
            more: found.length > (page + 1) * ON_A_PAGE ? page + 1 : undefined,
          }),
        };
      },
    },
    {
      ...{ method: 'GET', path: `${PATH}/:id`, operation: 'entities.read' },
      answer: async (visit) => {
        const kept = await find(visit);
        const { id, organization } = kept.declaration;
        const draft = kept.ceasedAt ? undefined : await openDraft(room, id);
        return {
          title: organization.displayName[visit.language],
          body: entityBody(visit, {
            ...{ kept, draft, inForce: entities.allInForce(id), versions: await entities.versions.list(id) },
            ...{ providers: room.federation.providers.all(), providerName: room.providerName },
            mayChange: !kept.ceasedAt && mayDo(visit, 'entities.change'),
          }),
        };
      },
    },
    {
      ...{ method: 'GET', path: `${PATH}/:id/draft/xml`, operation: 'entities.read' },
      answer: async (visit) => {
        const { id } = (await find(visit)).declaration;
        return xml(`${id}-draft.xml`, (await lifeCycle.openDraft(id)).bytes);
      },
    },
    {
      ...{ method: 'GET', path: `${PATH}/:id/versions/:version`, operation: 'entities.read' },
      answer: async (visit) => {
        const { id } = (await find(visit)).declaration;
        const version = versionIn(visit);
        const bytes = await entities.versions.bytes(id, version);
        const before = version > 1 ? await entities.versions.bytes(id, version - 1) : undefined;
        return {
          title: `${id}: ${consoleMessages[visit.language].entities.version(version)}`,
          body: versionBody(visit.language, {
            ...{ entity: id, version, report: await lifeCycle.checkVersion(id, version) },
            differences: metadataDifferences(before, bytes),
          }),
        };
      },
    },
    {
      ...{ method: 'GET', path: `${PATH}/:id/versions/:version/xml`, operation: 'entities.read' },
      answer: async (visit) => {
        const { id } = (await find(visit)).declaration;
        const version = versionIn(visit);
        return xml(`${id}-${version}.xml`, await entities.versions.bytes(id, version));
      },
    },
    act('draft', 'draft', async (_visit, id) => void (await lifeCycle.draft(id)), true),
    act('seal', 'seal', async (_visit, id) => void (await lifeCycle.seal(id))),
    act('preview', 'preview', async ({ language }, id) => ({
      title: consoleMessages[language].entities.previewTitle,
      body: previewBody(language, {
        entity: id,
        url: `${room.web.publicUrl}${await lifeCycle.preview(id)}`,
      }),
    })),
    act('preview/end', 'end-preview', (_visit, id) => lifeCycle.revokePreview(id), true),
    act('versions/:version/submitted', 'submitted', (visit, id) =>
      entities.versions.submitted(id, versionIn(visit)),
    ),
    act('versions/:version/in-force', 'in-force', async (visit, id) => {
      const provider = chosenProvider(visit);
      if (provider !== undefined && !room.federation.providers.listed(provider))
        throw new Refused('provider_unknown', 'no such provider', { status: 404 });
      await entities.versions.putInForce(id, versionIn(visit), provider);
    }),
    act('versions/:version/withdraw', 'withdraw', (visit, id) =>
      entities.versions.withdraw(id, versionIn(visit)),
    ),
  ];
}

async function openDraft({ lifeCycle }: ConsoleRoom, id: string) {
  try {
    const draft = await lifeCycle.openDraft(id);
    return {
      ...draft,
      report: await lifeCycle.check(id),
      differences: await lifeCycle.differences(id),
    };
  } catch (error) {
    if (error instanceof Refused && error.code === 'draft_missing') return undefined;
    throw error;
  }
}

function matches({ id, organization }: KeptEntity['declaration'], text: string): boolean {
  const wanted = text.toLowerCase();
  return [id, organization.displayName.it, organization.displayName.en].some((name) =>
    name.toLowerCase().includes(wanted),
  );
}

/** @throws Refused `version_unknown` (404) */
function versionIn({ params }: Visit): number {
  const version = Number(params['version']);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new Refused('version_unknown', 'no such version', { status: 404 });
}

/** Of a form for one version: undefined for every provider. */
function chosenProvider({ fields, params }: Visit): string | undefined {
  return fields.get(`provider-${params['version']}`) || undefined;
}

function xml(name: string, bytes: Uint8Array): Answer {
  return { file: { name, type: 'application/samlmetadata+xml', bytes } };
}
