import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Misconfigured } from '../../src/operations/errors.ts';
import { createLog, type Log, type LogEvent, type LogLevel } from '../../src/operations/log.ts';

/** What a citizen's login is full of. None of it may ever be seen in a log. */
const CANARIES = [
  'RSSMRA80A01H501U',
  'TINIT-RSSMRA80A01H501U',
  'rssmra80a01h501u',
  'RSSMRAULALMHRLMU',
  'anna.rossi@example.it',
  '+39 333 1234567',
];

function logged(
  use: (log: Log) => void,
  level: LogLevel = 'info',
): { text: string; lines: Record<string, unknown>[] } {
  const written: string[] = [];
  use(createLog({ level, destination: { write: (line) => void written.push(line) } }));
  const text = written.join('');
  const lines = text.split('\n').filter((line) => line !== '');
  return { text, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const refused: LogEvent = {
  event: 'spid_response_refused',
  reference: 'ABCD-EFGH',
  entity: 'unione',
  check: 'S1',
  reason: 'not signed',
  client: 'suap',
  provider: 'https://idp.example.it',
};

describe('the log', () => {
  it('writes one JSON line per event, with its time, severity and fields', () => {
    const { lines } = logged((log) => log.event(refused));
    expect(lines).toEqual([
      { severity: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string, ...refused },
    ]);
  });

  it('keeps the SPID level apart from the severity', () => {
    const { text, lines } = logged((log) =>
      log.event({ event: 'login_completed', reference: 'ABCD-EFGH', client: 'suap', level: 2 }),
    );
    expect(lines).toMatchObject([{ severity: 'info', level: 2 }]);
    expect(text.match(/"level"/g)).toHaveLength(1);
  });

  it('keeps to its level, and to nothing when silent', () => {
    const both = (log: Log) => {
      log.event({ event: 'stopped' });
      log.event(refused);
      log.failure(new Error('x'), { reference: 'r' });
    };
    const events = (level: LogLevel) => logged(both, level).lines.map(({ event }) => event);
    expect(events('debug')).toEqual(['stopped', 'spid_response_refused', 'failure']);
    expect(events('warn')).toEqual(['spid_response_refused', 'failure']);
    expect(events('error')).toEqual(['failure']);
    expect(events('silent')).toEqual([]);
  });

  it('leaves out what an object carries besides the fields of its event', () => {
    const careless = { ...refused, fiscalNumber: 'RSSMRA80A01H501U', attributes: { name: 'Anna' } };
    const { text, lines } = logged((log) => log.event(careless));
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual(['severity', 'time', ...Object.keys(refused)].sort());
    expect(text).not.toContain('RSSMRA');
    expect(text).not.toContain('Anna');
  });

  it('leaves out a field that is not of its kind', () => {
    const careless = { ...refused, client: { id: 'suap', citizen: 'Anna' }, check: 7 } as unknown as LogEvent;
    expect(logged((log) => log.event(careless)).lines[0]).toEqual(
      expect.not.objectContaining({
        client: expect.anything() as unknown,
        check: expect.anything() as unknown,
      }),
    );
  });

  it.each(CANARIES)('removes %s from every text, wherever it stands', (canary) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 50 }), (before, after) => {
        const carried = `${before} ${canary} ${after}`;
        const { text } = logged((log) => {
          log.event({ ...refused, reason: carried, client: carried });
          log.failure(Object.assign(new Error(carried), { code: carried, name: carried }), {
            reference: carried,
          });
        });
        expect(text).not.toContain(canary);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the texts of events short', () => {
    const { lines } = logged((log) => log.event({ ...refused, reason: 'x'.repeat(5000) }));
    expect(String(lines[0]?.reason)).toHaveLength(200);
  });
});

describe('the log of a failure nobody foresaw', () => {
  it('has class, code, place and cause, and no message', () => {
    const cause = Object.assign(new TypeError('Anna Rossi was here'), { code: 'ERR_X' });
    const error = new Misconfigured('keys_locked', 'Anna Rossi is here', { cause });
    const { text, lines } = logged((log) => log.failure(error, { reference: 'ABCD-EFGH' }));
    expect(lines[0]).toMatchObject({
      event: 'failure',
      severity: 'error',
      reference: 'ABCD-EFGH',
      name: 'Misconfigured',
      code: 'keys_locked',
      cause: { name: 'TypeError', code: 'ERR_X' },
    });
    expect((lines[0]?.at as string[])[0]).toContain('log.test.ts');
    expect(text).not.toContain('Anna');
  });

  it('is not fooled by a message that looks like a stack', () => {
    const error = new Error('no\n    at Anna (/Rossi.ts:1:1)\n    at file:///Rossi.ts:2:2');
    expect(logged((log) => log.failure(error, { reference: 'r' })).text).not.toMatch(/Anna|Rossi/);
  });

  it('says of what is not an error only of which type it is', () => {
    const { lines, text } = logged((log) => log.failure({ citizen: 'Anna' }, { reference: 'r' }));
    expect(lines[0]).toMatchObject({ event: 'failure', name: 'object', at: [] });
    expect(text).not.toContain('Anna');
  });

  it('ends, however long the chain of causes', () => {
    const circle = new Error('one');
    circle.cause = circle;
    expect(logged((log) => log.failure(circle, { reference: 'r' })).lines).toHaveLength(1);
  });
});
