import type { KeptEntity } from '../../entities/declarations.ts';
import { Refused } from '../../operations/errors.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { entitiesBody } from '../pages/entities.ts';
import { entityBody } from '../pages/entity.ts';
import { previewBody, versionBody } from '../pages/metadata.ts';
import { MetadataDesk, versionNumber } from '../metadata-desk.ts';
import { mayDo } from '../operations.ts';
import { covers } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';

const PATH = '/entities';
const ON_A_PAGE = 50;

/** Bodies and the way of their metadata, by the same functions as the command line and the API. */
export function entityRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { entities, lifeCycle } = room;
  const desk = new MetadataDesk(room);
  const one = (id: string) => `${PATH}/${id}`;
  const find = ({ params, scope }: Visit): Promise<KeptEntity> => desk.find(scope, params['id'] ?? '');

  /** A step; back on the page of the body unless it has something to show. */
  const act = (
    path: string,
    run: (visit: Visit, id: string) => Promise<Answer | undefined | void>,
    harmless = false,
  ): ConsoleRoute => ({
    method: 'POST',
    path: `${PATH}/:id/${path}`,
    operation: 'entities.change',
    ...(harmless ? {} : { confirmedFrom: (params: Visit['params']) => one(params['id'] ?? '') }),
    answer: async (visit) => {
      const { id } = (await find(visit)).declaration;
      return (await run(visit, id)) ?? { goTo: one(id) };
    },
  });

  return [
    {
      method: 'GET',
      path: PATH,
      operation: 'entities.read',
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
      method: 'GET',
      path: `${PATH}/:id`,
      operation: 'entities.read',
      answer: async (visit) => {
        const kept = await find(visit);
        const { id, organization } = kept.declaration;
        const draft = kept.ceasedAt ? undefined : await draftOf(desk, id);
        return {
          title: organization.displayName[visit.language],
          body: entityBody(visit, {
            kept,
            draft,
            inForce: entities.allInForce(id),
            versions: await entities.versions.list(id),
            providers: room.federation.providers.all(),
            providerName: room.providerName,
            mayChange: !kept.ceasedAt && mayDo(visit, 'entities.change'),
          }),
        };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id/draft/xml`,
      operation: 'entities.read',
      answer: async (visit) => {
        const { id } = (await find(visit)).declaration;
        return xml(`${id}-draft.xml`, (await lifeCycle.openDraft(id)).bytes);
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id/versions/:version`,
      operation: 'entities.read',
      answer: async (visit) => {
        const { declaration } = await find(visit);
        const { id } = declaration;
        const version = versionIn(visit);
        const { report, differences } = await desk.version(id, version);
        return {
          title: consoleMessages[visit.language].entities.version(version),
          parents: [{ title: declaration.organization.displayName[visit.language], path: one(id) }],
          body: versionBody(visit.language, {
            entity: id,
            version,
            report,
            differences,
          }),
        };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id/versions/:version/xml`,
      operation: 'entities.read',
      answer: async (visit) => {
        const { id } = (await find(visit)).declaration;
        const version = versionIn(visit);
        return xml(`${id}-${version}.xml`, await entities.versions.bytes(id, version));
      },
    },
    act('draft', ({ by }, id) => desk.draft(id, by), true),
    act('seal', async ({ by }, id) => void (await desk.seal(id, by))),
    act('preview', async ({ language, by }, id) => ({
      title: consoleMessages[language].entities.previewTitle,
      body: previewBody(language, { entity: id, url: await desk.preview(id, by) }),
    })),
    act('preview/end', ({ by }, id) => desk.endPreview(id, by), true),
    act('versions/:version/submitted', (visit, id) => desk.submitted(id, versionIn(visit), visit.by)),
    act('versions/:version/in-force', (visit, id) =>
      desk.putInForce(id, versionIn(visit), chosenProvider(visit), visit.by),
    ),
    act('versions/:version/withdraw', (visit, id) => desk.withdraw(id, versionIn(visit), visit.by)),
  ];
}

async function draftOf(desk: MetadataDesk, id: string) {
  try {
    return await desk.openDraft(id);
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

function versionIn({ params }: Visit): number {
  return versionNumber(params['version']);
}

/** Of a form for one version: undefined for every provider. */
function chosenProvider({ fields, params }: Visit): string | undefined {
  return fields.get(`provider-${params['version']}`) || undefined;
}

function xml(name: string, bytes: Uint8Array): Answer {
  return { file: { name, type: 'application/samlmetadata+xml', bytes } };
}
