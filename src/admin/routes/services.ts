import type { Client } from '../../clients/client.ts';
import type { RegisteredClient } from '../../clients/registered.ts';
import { isClientId, newClientId } from '../../clients/client-id.ts';
import { CLIENT_STATES, isTestState, NEXT, type ClientState } from '../../clients/state.ts';
import { Refused } from '../../operations/errors.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { serviceBody } from '../pages/service.ts';
import { reviewBody, serviceFormBody, type FormTarget } from '../pages/service-form.ts';
import { secretBody } from '../pages/service-secret.ts';
import { tryUrl } from '../try-url.ts';
import { servicesBody } from '../pages/services.ts';
import { mayDo, mayDoWith, OPERATIONS } from '../operations.ts';
import { covers, coversService, mayRegisterFor, scopeOf } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, PageAnswer, Visit } from '../room.ts';
import { fieldsOf, readService, readValidity, serviceFaults, type FieldFaults } from '../service-form.ts';

const PATH = '/services';
/** Beside the services, not below them: there every part of an address is the id of one. */
const NEW = '/new-service';
const ON_A_PAGE = 50;
const ENTRIES = 20;

/** Services: found, registered step by step, approved, changed, stopped. */
export function serviceRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { clients, desk } = room;
  const one = (id: string) => `${PATH}/${id}`;

  const find = ({ params, scope }: Visit) => desk.find(scope, params['id'] ?? '');
  const form = (visit: Visit, faults: FieldFaults, target: FormTarget): Answer => {
    const text = consoleMessages[visit.language].services;
    return {
      title: target.before ? text.change : text.register,
      ...parentsOf(visit, target.before),
      ...(Object.keys(faults).length > 0 ? { status: 422 } : {}),
      body: serviceFormBody(visit, { faults, ...target, entities: bodiesOf(visit, room) }),
      script: 'check-as-typed.js',
    };
  };
  const bodyName = ({ language }: Visit, { entity }: Client): string =>
    room.entities.get(entity)?.organization.displayName[language] ?? entity;
  /** What a form goes on from: the service as it is, or a waiting change of it that was taken up again. */
  const baseOf = async ({ fields }: Visit, { client }: RegisteredClient): Promise<Client> => {
    const wanted = fields.get('proposal');
    if (wanted === undefined) return client;
    const proposal = await clients.proposal(client.id);
    if (proposal?.id === wanted) return proposal.client;
    throw new Refused('proposal_unknown', 'the change waits no more', { status: 404 });
  };
  /** The form again with what is wrong, or what it would come to. */
  const reviewed = async (visit: Visit, before?: RegisteredClient): Promise<Answer> => {
    const target = before ? targetOf(visit, before.client) : {};
    const base = before && (await baseOf(visit, before));
    const { client, faults } = readService(visit.fields, before?.client.id ?? 'new', base);
    const all = serviceFaults(client, faults, clients);
    if (!mayRegisterFor(visit.scope, client.entity)) all.entity = [{ found: client.entity }];
    if (Object.keys(all).length > 0 || visit.fields.get('step') === 'change') return form(visit, all, target);
    const proposed = before && clients.needsSecondPerson(before, client, visit.by);
    return {
      title: consoleMessages[visit.language].services.reviewTitle,
      ...parentsOf(visit, before?.client),
      body: reviewBody(visit, {
        client,
        body: bodyName(visit, client),
        ...target,
        proposed: proposed ? { replaced: (await clients.proposal(client.id)) !== undefined } : undefined,
      }),
    };
  };

  /** Who develops it, for whoever may hand it over. */
  const developersFor = async (visit: Visit, { client, origin }: RegisteredClient) => {
    if (origin === 'configuration' || !mayDoWith(visit, 'services.handover', client)) return undefined;
    const { current, candidates } = await desk.developers(client);
    const chooses = mayDo(visit, 'services.change', client.entity);
    return { current, candidates: chooses ? candidates : undefined };
  };

  return [
    {
      method: 'GET',
      path: PATH,
      operation: 'services.read',
      answer: async (visit, ctx) => {
        const [text, after] = [ctx.query['q'], ctx.query['after']].map((value) =>
          typeof value === 'string' && value !== '' ? value.slice(0, 100) : undefined,
        );
        const hers = { entityIds: visit.scope.entityIds, clientIds: visit.scope.own?.clientIds };
        const found = await clients.list({ ...hers, text, after, limit: ON_A_PAGE + 1 });
        const approving = mayDo(visit, 'services.change') && text === undefined && after === undefined;
        const awaiting = approving ? await clients.list({ ...hers, awaiting: true, limit: ON_A_PAGE }) : [];
        return {
          title: consoleMessages[visit.language].section.services,
          body: servicesBody(visit.language, {
            services: found.slice(0, ON_A_PAGE),
            awaiting,
            more: found.length > ON_A_PAGE ? found[ON_A_PAGE - 1]?.client.id : undefined,
            text: text ?? '',
            mayRegister: mayDo(visit, 'services.register'),
            mayReadTokens: mayDo(visit, 'registration-tokens.read'),
          }),
        };
      },
    },
    {
      method: 'GET',
      path: NEW,
      operation: 'services.register',
      answer: (visit) => form(visit, {}, {}),
    },
    {
      method: 'POST',
      path: NEW,
      operation: 'services.register',
      keptFor: () => NEW,
      answer: (visit) => reviewed(visit),
    },
    {
      method: 'POST',
      path: PATH,
      operation: 'services.register',
      keptFor: () => NEW,
      answer: async (visit) => {
        const again = await reviewed(visit);
        if ('status' in again && again.status === 422) return again;
        const given = visit.fields.get('id') ?? '';
        const { client } = readService(visit.fields, isClientId(given) ? given : newClientId());
        const secret = await desk.create(visit.scope, client, visit.by).catch((error: unknown) => {
          // The same form once more: what it made is there.
          if (error instanceof Refused && error.code === 'client_exists') return undefined;
          throw error;
        });
        if (secret === undefined) return { goTo: one(client.id) };
        return {
          title: consoleMessages[visit.language].services.registered,
          body: secretBody(visit.language, { client, secret, publicUrl: room.web.publicUrl }),
        };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      operation: 'services.read',
      answer: async (visit) => {
        const found = await find(visit);
        const { id } = found.client;
        const proposal = await clients.proposal(id);
        return {
          title: found.client.name[visit.language],
          body: serviceBody(visit, {
            found,
            body: bodyName(visit, found.client),
            mayChange: mayDo(visit, 'services.change', found.client.entity),
            mayDevelop: mayDevelop(visit, found),
            developers: await developersFor(visit, found),
            mayReadFigures: mayDoWith(visit, 'logins.read', found.client),
            publicUrl: room.web.publicUrl,
            tryUrl: room.canTry() ? tryUrl(found.client, room.web.publicUrl) : undefined,
            secrets: await clients.secrets(id),
            missing: await clients.missingForLive(found),
            versions: await clients.versions(id),
            proposal,
            needsAnother: await clients.needsAnother(id, proposal, visit.by),
            entries: mayDo(visit, 'audit.read', found.client.entity)
              ? await room.trail.list(room.store.db, { limit: ENTRIES, target: { kind: 'client', id } })
              : undefined,
          }),
        };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id/change`,
      operation: 'services.register',
      answer: async (visit, ctx) => {
        const { client, version } = await find(visit);
        const wanted = ctx.query['proposal'];
        const proposal = wanted === undefined ? undefined : await clients.proposal(client.id);
        if (proposal === undefined || proposal.id !== wanted)
          return form({ ...visit, fields: fieldsOf(client) }, {}, { before: client, version });
        const fields = fieldsOf(proposal.client);
        return form({ ...visit, fields }, {}, { before: client, version, proposal: proposal.id });
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/change`,
      operation: 'services.register',
      keptFor: (params) => `${one(params['id'] ?? '')}/change`,
      answer: async (visit) => reviewed(visit, await find(visit)),
    },
    {
      method: 'POST',
      path: `${PATH}/:id`,
      operation: 'services.register',
      keptFor: (params) => `${one(params['id'] ?? '')}/change`,
      answer: async (visit) => {
        const before = await find(visit);
        const again = await reviewed(visit, before);
        if ('status' in again && again.status === 422) return again;
        const { client } = readService(visit.fields, before.client.id, await baseOf(visit, before));
        await desk.update(visit.scope, client.id, versionOf(visit), client, visit.by);
        return { goTo: one(client.id) };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/state`,
      operation: 'services.register',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async (visit) => {
        const { client, state } = await find(visit);
        const to = CLIENT_STATES.find((candidate) => candidate === visit.fields.get('state'));
        if (!to || !NEXT[state].includes(to))
          throw new Refused('state_order', 'no such step', { status: 409 });
        await desk.setState(visit.scope, client.id, versionOf(visit), to satisfies ClientState, visit.by);
        return { goTo: one(client.id) };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/proposals/:proposal/approve`,
      operation: 'services.change',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async ({ scope, params, by }) => {
        const [id, proposal] = [params['id'] ?? '', params['proposal'] ?? ''];
        await desk.approve(scope, id, proposal, by);
        return { goTo: one(id) };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/proposals/:proposal/withdraw`,
      operation: 'services.change',
      answer: async ({ scope, params, by }) => {
        const [id, proposal] = [params['id'] ?? '', params['proposal'] ?? ''];
        await desk.withdraw(scope, id, proposal, by);
        return { goTo: one(id) };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/developer`,
      operation: 'services.handover',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async (visit) => {
        const target = { id: visit.params['id'] ?? '', version: versionOf(visit) };
        await desk.handOver(visit.scope, target, visit.fields.get('developer') || undefined, visit.by);
        // Whoever left it sees it no longer.
        const own = mayDoWith(visit, 'services.change', (await clients.get(target.id)).client);
        return { goTo: own ? one(target.id) : PATH };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/restore`,
      operation: 'services.change',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async (visit) => {
        const { client } = await find(visit);
        const wanted = Number(visit.fields.get('wanted'));
        await desk.restore(visit.scope, client.id, versionOf(visit), wanted, visit.by);
        return { goTo: one(client.id) };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/secrets`,
      operation: 'services.register',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async (visit) => {
        const { client } = await find(visit);
        const validity = readValidity(visit.fields, room.clock.now());
        const secret = await desk.addSecret(visit.scope, client.id, validity, visit.by);
        return {
          title: consoleMessages[visit.language].services.newSecret,
          ...parentsOf(visit, client),
          body: secretBody(visit.language, { client, secret, publicUrl: room.web.publicUrl }),
        };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/secrets/:secret/end`,
      operation: 'services.register',
      confirmedFrom: (params) => one(params['id'] ?? ''),
      answer: async (visit) => {
        const { client } = await find(visit);
        await desk.endSecret(visit.scope, client.id, visit.params['secret'] ?? '', visit.by);
        return { goTo: one(client.id) };
      },
    },
  ];
}

/** Whoever is no administrator of the body changes her service until it is approved. */
function mayDevelop(visit: Visit, { client, state }: RegisteredClient): boolean {
  const scope = scopeOf(visit.grants, OPERATIONS['services.register']);
  if (!scope || !coversService(scope, client)) return false;
  return covers(scope, client.entity) || isTestState(state);
}

function targetOf(visit: Visit, before: Client): FormTarget {
  const proposal = visit.fields.get('proposal');
  return { before, version: versionOf(visit), ...(proposal === undefined ? {} : { proposal }) };
}

/** Where a page about a service stands. */
function parentsOf({ language }: Visit, client: Client | undefined): Pick<PageAnswer, 'parents'> {
  return client ? { parents: [{ title: client.name[language], path: `${PATH}/${client.id}` }] } : {};
}

function versionOf({ fields }: Visit): number {
  return Number(fields.get('version'));
}

function bodiesOf({ scope }: Visit, { entities }: ConsoleRoom) {
  return entities.list().filter(({ id }) => mayRegisterFor(scope, id));
}
