import { createHash } from 'node:crypto';
import type { SealedVersion } from '../../../entities/metadata-versions.ts';
import { Refused } from '../../../operations/errors.ts';
import { wordedReport } from '../../../web/messages/metadata-findings.ts';
import { MetadataDesk, versionNumber, type Examined } from '../../metadata-desk.ts';
import { paged } from '../paging.ts';
import { route, type ApiAnswer, type ApiRoom, type ApiRoute, type ApiVisit } from '../route.ts';
import * as schemas from '../schemas.ts';

const DRAFT = '/entities/:id/draft';
const VERSIONS = '/entities/:id/versions';
const VERSION = `${VERSIONS}/:version`;

type Asked = Pick<ApiVisit<unknown>, 'scope' | 'params'>;

/** The way of a body's metadata: draft, sealed version, submitted to AgID, in force, withdrawn. */
export function metadataRoutes(room: ApiRoom): ApiRoute[] {
  return [...draftRoutes(room), ...versionRoutes(room)];
}

function draftRoutes(room: ApiRoom): ApiRoute[] {
  const desk = new MetadataDesk(room);
  const shown = async (id: string): Promise<ApiAnswer> => {
    const { bytes, createdAt, current, hasPreview, report, differences } = await desk.openDraft(id);
    return {
      body: { createdAt, current, hasPreview, ...examined({ bytes, report, differences }) },
      etag: tagOf(bytes),
    };
  };
  return [
    route({
      method: 'GET',
      path: DRAFT,
      operation: 'entities.read',
      status: 200,
      tagged: true,
      summary: 'The draft of its metadata, checked',
      response: schemas.metadataDraft,
      answer: async (visit) => shown(await bodyIn(desk, visit)),
    }),
    route({
      method: 'POST',
      path: DRAFT,
      operation: 'entities.change',
      status: 201,
      tagged: true,
      summary: 'Write and sign what its metadata would say now; the draft that there was is gone',
      response: schemas.metadataDraft,
      answer: async (visit) => {
        const id = await bodyIn(desk, visit);
        await desk.draft(id, visit.by);
        return { ...(await shown(id)), location: `/entities/${id}/draft` };
      },
    }),
    route({
      method: 'POST',
      path: `${DRAFT}/preview`,
      operation: 'entities.change',
      status: 201,
      summary: 'An address at which the draft can be read, for instance by AgID’s validator: it is `secret`',
      response: schemas.createdSecret,
      answer: async (visit) => ({
        body: {},
        secret: await desk.preview(await bodyIn(desk, visit), visit.by),
      }),
    }),
    route({
      method: 'DELETE',
      path: `${DRAFT}/preview`,
      operation: 'entities.change',
      status: 204,
      summary: 'End the preview before the draft is sealed or written anew',
      answer: async (visit) => {
        await desk.endPreview(await bodyIn(desk, visit), visit.by);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: VERSIONS,
      operation: 'entities.change',
      status: 201,
      tagged: true,
      summary: 'Seal the draft as it was seen: a version, for ever as it is',
      response: schemas.metadataVersion,
      current: async (visit) => tagOf((await desk.openDraft(await bodyIn(desk, visit))).bytes),
      answer: async (visit) => {
        const id = await bodyIn(desk, visit);
        const version = await desk.seal(id, visit.by);
        return {
          ...(await versionShown(room, desk, id, version)),
          location: `/entities/${id}/versions/${version}`,
        };
      },
    }),
  ];
}

function versionRoutes(room: ApiRoom): ApiRoute[] {
  const desk = new MetadataDesk(room);
  /** Of one version. Whoever was faster with another may have made it needless or wrong: the tag is of all of them. */
  const current = async (visit: Asked) => tagOf(await listOf(room, await bodyIn(desk, visit)));
  const step = { method: 'POST', operation: 'entities.change', status: 200, tagged: true, current } as const;
  const after = async (visit: Asked, act: (id: string, version: number) => Promise<void>) => {
    const [id, version] = [await bodyIn(desk, visit), versionNumber(visit.params['version'])];
    await act(id, version);
    return versionShown(room, desk, id, version);
  };
  return [
    route({
      method: 'GET',
      path: VERSIONS,
      operation: 'entities.read',
      status: 200,
      summary: 'Versions of its metadata and where each is in force, newest first',
      response: schemas.metadataVersionPage,
      answer: async (visit) => {
        const list = await listOf(room, await bodyIn(desk, visit));
        return paged(list, list.length, ({ version }) => String(version), stateShown);
      },
    }),
    route({
      method: 'GET',
      path: VERSION,
      operation: 'entities.read',
      status: 200,
      tagged: true,
      summary: 'One version, checked as of today',
      response: schemas.metadataVersion,
      answer: (visit) => after(visit, async () => undefined),
    }),
    route({
      ...step,
      path: `${VERSION}/submitted`,
      response: schemas.metadataVersion,
      summary: 'Note that a version was sent to AgID',
      answer: (visit) => after(visit, (id, version) => desk.submitted(id, version, visit.by)),
    }),
    route({
      ...step,
      path: `${VERSION}/in-force`,
      response: schemas.metadataVersion,
      summary: 'Note that providers have a version, all or one: requests to them are made from it',
      request: schemas.putInForce,
      answer: (visit) =>
        after(visit, (id, version) => desk.putInForce(id, version, visit.body.provider, visit.by)),
    }),
    route({
      ...step,
      path: `${VERSION}/withdraw`,
      response: schemas.metadataVersion,
      summary: 'Take a version back for ever; not one that is in force',
      answer: (visit) => after(visit, (id, version) => desk.withdraw(id, version, visit.by)),
    }),
  ];
}

/** @throws Refused `entity_unknown` (404), also of a body that takes part no more */
async function bodyIn(desk: MetadataDesk, { scope, params }: Asked): Promise<string> {
  const { declaration, ceasedAt } = await desk.find(scope, params['id'] ?? '');
  if (ceasedAt) throw new Refused('entity_unknown', 'no such entity', { status: 404 });
  return declaration.id;
}

function listOf({ entities }: ApiRoom, id: string): Promise<SealedVersion[]> {
  return entities.versions.list(id);
}

async function versionShown(room: ApiRoom, desk: MetadataDesk, id: string, version: number) {
  const found = await desk.version(id, version);
  const list = await listOf(room, id);
  const [state] = list.filter((one) => one.version === version).map(stateShown);
  return { body: { ...state, ...examined(found) }, etag: tagOf(list) };
}

function stateShown({ version, sealedAt, submittedAt, withdrawnAt, inForce }: SealedVersion) {
  return {
    version,
    sealedAt,
    submittedAt: submittedAt ?? null,
    withdrawnAt: withdrawnAt ?? null,
    inForce: inForce.map(({ provider, since }) => ({ provider: provider ?? null, since })),
  };
}

function examined({ bytes, report, differences }: Examined) {
  return {
    acceptable: report.acceptable,
    findings: wordedReport('en', report).findings,
    differences: differences.map(({ what, before, after }) => ({
      what,
      before: before ?? null,
      after: after ?? null,
    })),
    xml: Buffer.from(bytes).toString('utf8'),
  };
}

function tagOf(seen: Uint8Array | readonly SealedVersion[]): string {
  const bytes = seen instanceof Uint8Array ? seen : JSON.stringify(seen);
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}
