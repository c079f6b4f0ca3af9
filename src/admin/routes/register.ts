import { clientNames } from '../../clients/names.ts';
import { OPERATIONS } from '../operations.ts';
import type { Consultation } from '../../register/consultation/consultation.ts';
import type { EntrySummary } from '../../register/entry.ts';
import { placeIn, writtenPlace } from '../../register/search.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { readConsultation, type ConsultationFaults } from '../consultation-form.ts';
import { foundBody, transactionBody } from '../pages/consultation.ts';
import { consultationsBody, type ListedConsultation } from '../pages/consultations.ts';
import { scopeOf } from '../roles.ts';
import type { Answer, ConsoleRoom, ConsoleRoute, Visit } from '../room.ts';
import type { Names } from '../trace/story.ts';

const PATH = '/register';

/**
 * Consulting the register: asked for by data protection officers, agreed to by them and by union administrators
 * (docs/adr/0075). What is seen was written into the audit trail before.
 */
export function registerRoutes(room: ConsoleRoom): ConsoleRoute[] {
  const { reading } = room;
  return [
    {
      method: 'GET',
      path: PATH,
      operation: 'register.decide',
      answer: (visit) => consultationsPage(room, visit),
    },
    {
      method: 'POST',
      path: PATH,
      operation: 'register.consult',
      confirmedFrom: () => PATH,
      keptFor: () => PATH,
      again: (visit) => consultationsPage(room, visit),
      answer: async (visit) => {
        const { scope, reason, faults } = readConsultation(visit.fields, room.personHash);
        if (Object.keys(faults).length > 0) return consultationsPage(room, visit, faults);
        const { id, state } = await reading.consultations.ask(scope, reason, visit.by);
        return { goTo: state === 'open' ? `${PATH}/${id}` : PATH };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/decide`,
      operation: 'register.decide',
      confirmedFrom: () => PATH,
      answer: async ({ params, fields, by }) => {
        await reading.consultations.decide(params['id'] ?? '', fields.get('agreed') === 'yes', by);
        return { goTo: PATH };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id`,
      operation: 'register.consult',
      answer: async ({ params, by, language, session }, { query }) => {
        const id = params['id'] ?? '';
        const { consultation, entries, more } = await reading.search(id, by, placeIn(query['after']));
        return {
          title: consoleMessages[language].register.found,
          body: foundBody(language, {
            csrf: session.csrf,
            consultation,
            entries,
            names: await namesIn(room, entries, language),
            more: more && `${room.door.area.path}${PATH}/${id}?after=${writtenPlace(more)}`,
          }),
        };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/:id/transactions/:transaction`,
      operation: 'register.consult',
      answer: async ({ params, by, language, session }) => {
        const transactionId = params['transaction'] ?? '';
        const { consultation, entries } = await reading.show(params['id'] ?? '', transactionId, by);
        const summaries = entries.map(({ summary }) => summary);
        const names = await namesIn(room, summaries, language);
        const [reference] = summaries.flatMap((one) => one.reference || []);
        return {
          title: `${consoleMessages[language].register.transaction} ${reference ?? ''}`.trim(),
          parents: [{ title: consoleMessages[language].register.found, path: `${PATH}/${params['id']}` }],
          body: transactionBody(language, {
            csrf: session.csrf,
            consultation,
            transactionId,
            entries,
            names,
          }),
        };
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id/export`,
      operation: 'register.consult',
      answer: async ({ params, fields, by }) => {
        const id = params['id'] ?? '';
        const { zip } = await reading.export(id, by, fields.get('transaction') || undefined);
        return { file: { name: `registro-${id.slice(0, 8)}.zip`, type: 'application/zip', bytes: zip } };
      },
    },
  ];
}

async function consultationsPage(
  room: ConsoleRoom,
  visit: Visit,
  faults?: ConsultationFaults,
): Promise<Answer> {
  const { consultations } = room.reading;
  const all = await consultations.list();
  return {
    title: consoleMessages[visit.language].register.title,
    ...(faults ? { status: 422 } : {}),
    body: consultationsBody(visit, {
      faults,
      rules: consultations.rules,
      entities: room.entities.list(),
      mayAsk: scopeOf(visit.grants, OPERATIONS['register.consult']) !== undefined,
      listed: all.map((consultation) => listed(room, visit, consultation)),
    }),
  };
}

function listed(
  { reading, clock }: ConsoleRoom,
  { by }: Visit,
  consultation: Consultation,
): ListedConsultation {
  const over = consultation.state !== 'refused' && consultation.endsAt <= clock.now();
  const state = over ? 'over' : consultation.state;
  const own = reading.consultations.isOf(consultation, by);
  return {
    consultation,
    state,
    mayDecide: state === 'waiting' && !own,
    mayUse: state === 'open' && own,
  };
}

async function namesIn(
  room: ConsoleRoom,
  entries: readonly EntrySummary[],
  language: Visit['language'],
): Promise<Names> {
  const ids = new Set(entries.flatMap(({ clientId }) => clientId ?? []));
  const names = await clientNames(room.store.db, [...ids]);
  return { client: (id) => names.get(id)?.[language] ?? id, provider: room.providerName };
}
