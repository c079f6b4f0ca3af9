import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/operations/clock.ts';
import { createLog } from '../../../src/operations/log.ts';
import { CASES } from '../../../src/selfcheck/cases.ts';
import { signElement } from '../../../src/selfcheck/signer.ts';
import { ClockDrift } from '../../../src/sources/spid/clock-drift.ts';

import { openCaseStage } from '../../support/case-stage.ts';

const NOW = new Date('2026-03-05T18:00:00Z');
const A = 'https://a.example.it';
const B = 'https://b.example.it';

/** Responses one after the other, a second apart: from whom, and how much later it is here than there, in seconds. */
function watch(responses: readonly (readonly [provider: string, offset: number])[]) {
  const drift = new ClockDrift();
  const told = responses.map(([provider, offset], at) => {
    const received = new Date(NOW.getTime() + at * 1000);
    return drift.note(provider, new Date(received.getTime() - offset * 1000), received);
  });
  return { drift, told, suspicion: drift.suspicion(NOW) };
}

const times = (count: number, provider: string, offset: number) =>
  Array.from({ length: count }, () => [provider, offset] as const);

describe('the system clock beside those of the providers', () => {
  const cases: readonly [what: string, responses: Parameters<typeof watch>[0], offset: number | undefined][] =
    [
      ['nothing is known', [], undefined],
      ['answers take a second or two', [...times(20, A, 1), ...times(20, B, 2)], undefined],
      ['it is ten seconds off', [...times(5, A, 10), ...times(5, B, 10)], undefined],
      ['it is eleven seconds ahead', [...times(5, A, 11), ...times(5, B, 11)], 11],
      ['it is eleven seconds behind', [...times(5, A, -11), ...times(5, B, -11)], -11],
      [
        'two responses say so',
        [
          [A, 60],
          [B, 60],
        ],
        undefined,
      ],
      [
        'three responses of two providers say so',
        [
          [A, 60],
          [B, 60],
          [B, 62],
        ],
        60,
      ],
      [
        'one citizen was slow',
        [
          [A, 1],
          [B, 240],
          [A, 2],
        ],
        undefined,
      ],
      [
        'one provider of three is wrong',
        [...times(4, A, 1), ...times(4, B, 1), ...times(3, 'https://c', -90)],
        undefined,
      ],
      ['nine responses of one provider say so', times(9, A, -90), undefined],
      ['ten responses of one provider say so', times(10, A, -90), -90],
      [
        'it was wrong, and fifty responses since say that it is right',
        [...times(50, A, 90), ...times(50, A, 1)],
        undefined,
      ],
    ];
  it.each(cases)('when %s', (_what, responses, offset) => {
    expect(watch(responses).suspicion?.offsetSeconds).toBe(offset);
  });

  it('says by how much, and who says so', () => {
    expect(
      watch([
        [A, -40],
        [B, -42],
        [A, -41],
      ]).suspicion,
    ).toEqual({
      offsetSeconds: -41,
      providers: 2,
      responses: 3,
    });
  });

  it('forgets within an hour', () => {
    const { drift } = watch(times(10, A, 90));
    expect(drift.suspicion(new Date(NOW.getTime() + 60 * 60 * 1000))).toBeDefined();
    expect(drift.suspicion(new Date(NOW.getTime() + 61 * 60 * 1000))).toBeUndefined();
  });

  it('is told once, not at every response', () => {
    const { told } = watch(times(30, A, 90));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(told[9]).toMatchObject({ offsetSeconds: 90 });
  });

  it('is warned of in the log and by /health/ready, which stays ready', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gateway-drift-'));
    const lines: string[] = [];
    const log = createLog({ level: 'warn', destination: { write: (line: string) => void lines.push(line) } });
    // Within the skew: everything is accepted still.
    const providerClock = { now: () => new Date(systemClock.now().getTime() - 25_000) };
    const url = `sqlite:${join(directory, 'gateway.db')}`;
    const stage = await openCaseStage(url, signElement, { log, providerClock });
    onTestFinished(async () => {
      await stage.stop();
      rmSync(directory, { recursive: true, force: true });
    });
    const health = async (): Promise<unknown> => (await fetch(`${stage.gatewayUrl}/health/ready`)).json();
    expect(await health()).toMatchObject({ status: 'ok', warnings: [] });
    const [correct] = CASES;
    for (let response = 0; correct && response < 11; response++) await stage.prove(correct);
    expect(await health()).toMatchObject({
      status: 'ok',
      warnings: [
        expect.stringMatching(/^the system clock looks wrong: about 2[5-9] s ahead of the providers/),
      ],
    });
    const told = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((l) => l['event'] === 'clock_suspect');
    expect(told).toEqual([expect.objectContaining({ providers: 1, responses: 10 })]);
  });
});
