import { readFileSync } from 'node:fs';
import type { By } from '../audit/entry.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { PinCertificate, RegistryPins } from '../sources/spid/federation/pins.ts';
import { day, named, show, table } from './output.ts';

interface Call {
  readonly pins: RegistryPins;
  readonly by: By;
  readonly name: string;
  /** As AgID gave it to whoever approves. */
  readonly fingerprint: string | undefined;
  readonly reason: string;
  readonly json: boolean;
}

interface Action {
  /** Whether it is about something that has to be named. */
  readonly named: boolean;
  /** Whether an operator has to say why she does alone what takes two persons in the console. */
  readonly reasoned?: true;
  readonly run: (call: Call) => Promise<number>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  list: { named: false, run: list },
  add: { named: true, run: add },
  remove: { named: true, run: remove },
  approve: { named: true, reasoned: true, run: approve },
  withdraw: { named: true, run: withdraw },
  reset: { named: false, reasoned: true, run: reset },
};

/** What is wrong with a call of `providers pins`; undefined when nothing is. */
export function pinsFault(
  [action = 'list', name, ...more]: readonly string[],
  reason: string,
): string | undefined {
  const known = named(ACTIONS, action);
  if (!known) return `pins: there is no "${action}"`;
  if (known.named !== (name !== undefined) || more.length > 0)
    return `pins ${action}: ${known.named ? 'name one file, fingerprint or proposal' : 'takes no name'}`;
  if (known.reasoned && reason.trim() === '') return `pins ${action}: --reason: why one person decides this`;
  return undefined;
}

/**
 * `providers pins …`: the certificates that sign the registry, on the same code as console and API.
 * @param words action and name, which pinsFault has nothing against
 * @returns 0 done, 1 something to be seen to
 */
export function runPins(
  [action = 'list', name = '']: readonly string[],
  call: Omit<Call, 'name'>,
): Promise<number> {
  return (ACTIONS[action]?.run ?? list)({ ...call, name });
}

async function list({ pins, json }: Call): Promise<number> {
  const overview = await pins.overview();
  const { waiting, unknown } = overview;
  const rows = overview.pins.map((pin) => [
    pin.trusted ? 'counts' : 'off',
    pin.configured ? 'configuration' : 'console',
    ...columns(pin),
  ]);
  show(json, { ...overview, unknown: unknown ?? null }, [
    ...table([['state', 'pinned by', 'key', 'until', 'signed', 'SHA-256', 'subject'], ...rows]),
    ...waiting.flatMap((one) => [
      '',
      `Proposed by ${one.author} on ${day(one.at)}, to ${one.trusted ? 'add' : 'remove'}: ${one.id}`,
      `  ${columns(one).join('  ')}`,
    ]),
    ...(unknown
      ? ['', 'The last list was refused. It is signed with:', `  ${columns(unknown).join('  ')}`]
      : []),
  ]);
  return waiting.length > 0 || unknown ? 1 : 0;
}

function columns({ key, notAfter, signed, fingerprint, subject }: PinCertificate): string[] {
  return [key, day(notAfter), signed ?? '–', fingerprint, subject];
}

async function add({ pins, name: file, by, json }: Call): Promise<number> {
  return proposed(await pins.proposeAdding(textOf(file), by), json);
}

async function remove({ pins, name: fingerprint, by, json }: Call): Promise<number> {
  return proposed(await pins.proposeRemoving(fingerprint, by), json);
}

function proposed(id: string, json: boolean): number {
  show(json, { proposal: id }, [
    `Proposed: ${id}`,
    'Nothing counts yet: an administrator approves it in the console, or an operator with: providers pins approve',
  ]);
  return 0;
}

async function approve({ pins, name: id, fingerprint, reason, by, json }: Call): Promise<number> {
  await pins.approve(id, { fingerprint, reason }, by);
  show(json, { proposal: id, approved: true }, [
    'Decided. It counts in every process from its next look at the registry; now: providers refresh',
  ]);
  return 0;
}

async function withdraw({ pins, name: id, by, json }: Call): Promise<number> {
  await pins.withdraw(id, by);
  show(json, { proposal: id, approved: false }, ['Withdrawn. Everything stays as it is.']);
  return 0;
}

async function reset({ pins, reason, by, json }: Call): Promise<number> {
  await pins.reset(reason, by);
  show(json, { reset: true }, ["Only the configuration's certificates count; nothing waits."]);
  return 0;
}

/** @throws Misconfigured `file_missing` */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured('file_missing', `${file}: cannot be read`, { cause });
  }
}
