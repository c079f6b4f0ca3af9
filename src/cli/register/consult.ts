import { open, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { By } from '../../audit/entry.ts';
import { openReadingRoom } from '../../gateway/consultations.ts';
import { hashInput } from '../../identity/persons.ts';
import { startOfDay } from '../../operations/italian-time.ts';
import { createLog } from '../../operations/log.ts';
import { Refused } from '../../operations/errors.ts';
import type { Consultation, ConsultationScope } from '../../register/consultation/consultation.ts';
import type { ReadingRoom } from '../../register/consultation/reading-room.ts';
import type { EntrySummary } from '../../register/entry.ts';
import { messageOf } from '../../register/package/signatures.ts';
import type { EntryPlace } from '../../register/search.ts';
import { serviceNameOf } from '../../sources/spid/service-names.ts';
import { print, show, table } from '../output.ts';
import { complain, operator, withRegister, type RegisterRoom } from './open.ts';
import { personFromInput } from './person.ts';

const OPTIONS = {
  config: { type: 'string', default: 'gateway.yaml' },
  as: { type: 'string' },
  reason: { type: 'string' },
  consultation: { type: 'string' },
  person: { type: 'boolean', default: false },
  reference: { type: 'string' },
  id: { type: 'string' },
  entity: { type: 'string' },
  service: { type: 'string' },
  provider: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  transaction: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

interface Call {
  readonly reading: ReadingRoom;
  readonly consultation: Consultation;
  readonly by: By;
  readonly given: Given;
}

/** `register search`: the entries that a consultation covers, unopened. */
export const runSearch = consulting(async ({ reading, consultation, by, given }) => {
  const entries: EntrySummary[] = [];
  let after: EntryPlace | undefined;
  do {
    const page = await reading.search(consultation.id, by, after);
    entries.push(...page.entries);
    after = page.more;
  } while (after);
  const rows = entries.map((entry) => [
    entry.at.toISOString(),
    entry.reference,
    entry.kind,
    entry.clientId ?? '–',
    entry.provider ?? '–',
    entry.level === null ? '–' : String(entry.level),
    entry.outcome ?? '–',
    entry.transactionId,
  ]);
  const head = ['at', 'reference', 'kind', 'service', 'provider', 'level', 'outcome', 'transaction'];
  show(given.json, { consultation: consultation.id, entries }, table([head, ...rows]));
  return 0;
});

/** `register show`: opens one transaction. */
export const runShow = consulting(async ({ reading, consultation, by, given }) => {
  const { entries: found } = given.transaction ? { entries: [] } : await reading.search(consultation.id, by);
  const [only, ...more] = new Set(found.map(({ transactionId }) => transactionId));
  const transaction = given.transaction ?? only;
  if (transaction === undefined) throw new Refused('nothing_found', 'nothing was found', { status: 404 });
  if (given.transaction === undefined && more.length > 0)
    return complain(
      `show: several transactions were found; name one: --consultation ${consultation.id} --transaction ID`,
    );
  const { entries } = await reading.show(consultation.id, transaction, by);
  const opened = entries.map(({ summary, text }) => ({ ...summary, evidence: JSON.parse(text) as unknown }));
  const lines = entries.flatMap((entry) => [
    `${entry.summary.at.toISOString()}  ${entry.summary.kind}  ${entry.summary.outcome ?? ''}`,
    Buffer.from(messageOf(entry) ?? JSON.stringify(entry.evidence)).toString('utf8'),
    '',
  ]);
  show(given.json, { consultation: consultation.id, entries: opened }, lines);
  return 0;
});

/** `register export`: a signed package in a file. */
export const runExport = consulting(async ({ reading, consultation, by, given }) => {
  if (!given.out) return complain('export: say where to with --out FILE.zip');
  // Never over something that is there; personal data for nobody but whoever wrote it.
  await using file = await open(given.out, 'wx', 0o600);
  try {
    const { zip } = await reading.export(consultation.id, by, given.transaction);
    await file.writeFile(zip);
  } catch (error) {
    // Nobody takes half of it for a package.
    await rm(given.out);
    throw error;
  }
  const { size } = await file.stat();
  print(`${given.out}: ${size} bytes, signed; what is in it and how to verify it says LEGGIMI.txt in it`);
  return 0;
});

/** What the three have in common: who, why and what, or a consultation that was agreed to. */
function consulting(work: (call: Call) => Promise<number>) {
  return async (args: string[], environment: NodeJS.ProcessEnv): Promise<number> => {
    const { values: given } = parseArgs({ args, options: OPTIONS });
    const { as, reason, consultation: id } = given;
    if (!as) return complain('say who you are with --as NAME');
    if ((id === undefined) === (reason === undefined))
      return complain('state why with --reason TEXT, or name a --consultation ID that was agreed to');
    return withRegister(given.config, environment, async (room) => {
      const reading = readingRoomOf(room);
      const by = operator(as);
      const scope = await scopeOf(room, given);
      if (id !== undefined && Object.values(scope).some((value) => value !== undefined))
        return complain('a consultation knows what it covers: leave out what to look for');
      const consultation =
        id === undefined
          ? await reading.consultations.ask(scope, reason ?? '', by)
          : await reading.consultations.usable(id, by);
      if (consultation.state === 'open') return work({ reading, consultation, by, given });
      print(
        `${consultation.id}: waits for a second person to agree at ${room.configuration.publicUrl}/admin/register until ${consultation.endsAt.toISOString()}; then use --consultation ${consultation.id}`,
      );
      return 1;
    });
  };
}

function readingRoomOf(room: RegisterRoom): ReadingRoom {
  return openReadingRoom(room.configuration, {
    ...room,
    log: createLog({ level: 'silent' }),
    providerName: serviceNameOf,
  });
}

async function scopeOf({ keys }: RegisterRoom, given: Given): Promise<ConsultationScope> {
  const person = given.person ? await personFromInput() : undefined;
  return {
    personHashes: person && keys.personHash.candidates(hashInput(person)).map(({ hash }) => hash),
    reference: given.reference,
    messageId: given.id,
    entityId: given.entity,
    clientId: given.service,
    provider: given.provider,
    from: dayOf('--from', given.from, 0),
    to: dayOf('--to', given.to, 1),
  };
}

/** @param later 1 for the end of the day */
function dayOf(option: string, text: string | undefined, later: number): Date | undefined {
  if (text === undefined) return undefined;
  const at = startOfDay(text, later);
  if (!at)
    throw new Refused('consultation_scope', `${option}: found "${text}"; allowed: a day, such as 2026-10-31`);
  return at;
}
