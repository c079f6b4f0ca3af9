import { killDrill, type DrillReport } from '../test/support/kill-drill.ts';
import { systemClock } from '../src/operations/clock.ts';
import { onEveryEngine } from './engines.ts';
import { machine, table } from './measure.ts';

interface KillSizes {
  readonly kills: number;
  readonly minutes: number;
  readonly engine: string;
}

/** Citizens who log in all the time: enough that a kill always meets somebody half way. */
const CITIZENS = 3;

/**
 * Kills the gateway's process again and again while citizens log in, then compares what they and the services got with
 * what the register says (docs/register.md, "Written before it matters").
 * @param sizes.kills SIGKILLs on each engine, at most
 * @param sizes.minutes on each engine, at most
 */
export async function benchKill({ kills, minutes, engine }: KillSizes): Promise<string> {
  const reports = await onEveryEngine(engine, (storeUrl) =>
    killDrill(storeUrl, kills, {
      until: new Date(systemClock.now().getTime() + minutes * 60_000),
      citizens: CITIZENS,
      report: (killed) => killed % 50 === 0 && process.stderr.write(`${killed} kills\n`),
    }),
  );
  const row = (name: string, value: (report: DrillReport) => number) => [
    name,
    ...reports.map(([, report]) => String(value(report))),
  ];
  const broken = reports.flatMap(([, { unaccounted, faults }]) => [...unaccounted, ...faults]);
  return [
    `SIGKILLs at random moments under load (${machine()}):`,
    '',
    table(
      ['', ...reports.map(([name]) => name)],
      [
        row('kills', ({ kills: all }) => all),
        row('codes that reached the service', ({ logins }) => logins),
        row('tokens that services got', ({ tokens }) => tokens),
        row('entries in the register', ({ entries }) => entries),
        row('**codes, tokens and answers without their entries**', ({ unaccounted }) => unaccounted.length),
        row('**entries removed, altered, half written or out of order**', ({ faults }) => faults.length),
      ],
    ),
    ...broken.map((one) => `\n${one}`),
  ].join('\n');
}
