import { describe, expect, it } from 'vitest';
import { withoutSmall } from '../../src/figures/kept-figures.ts';
import { LOGIN_STEPS } from '../../src/figures/step.ts';
import type { Figure } from '../../src/figures/login-figures.ts';

const figure = (value: string, granted: number): Figure => ({
  ...(Object.fromEntries(LOGIN_STEPS.map((step) => [step, 0])) as Record<(typeof LOGIN_STEPS)[number], 0>),
  value,
  granted,
});
const NONE = { bySource: [], byProvider: [], byLevel: [], byError: [] };
const granted = (rows: readonly { readonly value: string; readonly granted: number | undefined }[]) =>
  rows.map(({ value, granted: count }) => [value, count ?? '*']);

describe('figures for whoever sees no body whole', () => {
  it('keep small numbers back, and those from which the day would give them away', () => {
    const shown = withoutSmall(
      {
        ...NONE,
        days: [figure('2026-11-23', 42), figure('2026-11-22', 9)],
        byProvider: [figure('poste', 25), figure('aruba', 12), figure('lepida', 5)],
        byLevel: [figure('2', 42)],
      },
      '2026-11-23',
    );
    expect(granted(shown.days)).toEqual([
      ['2026-11-23', 42],
      ['2026-11-22', '*'],
    ]);
    expect(granted(shown.byProvider)).toEqual([
      ['aruba', '*'],
      ['lepida', '*'],
      ['poste', 25],
    ]);
    expect(granted(shown.byLevel)).toEqual([['2', 42]]);
  });

  it('stand in an order that tells nothing of them', () => {
    const two = (most: string, least: string) =>
      withoutSmall(
        { ...NONE, days: [figure('2026-11-23', 9)], byProvider: [figure(most, 6), figure(least, 3)] },
        '2026-11-23',
      );
    expect(two('poste', 'aruba')).toEqual(two('aruba', 'poste'));
  });
});
