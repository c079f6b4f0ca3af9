import type { Figure as LoginFigure, LoginFigures } from './login-figures.ts';
import { LOGIN_STEPS, type LoginStep } from './step.ts';
import { figure, keepBack, shown, type Figure } from './suppression.ts';

/** Figures of logins of which some may be kept back: those are undefined. */
export interface ShownFigure extends Readonly<Record<LoginStep, number | undefined>> {
  readonly value: string;
}

interface Row {
  readonly value: string;
  readonly steps: Readonly<Record<LoginStep, Figure>>;
}

/**
 * The same figures without small numbers, and without those that would give one away within the breakdowns of the day.
 * In the order of what they are about: the place of a number that is kept back tells nothing either. The steps of a
 * login are not parts of each other: that two of a hundred left on the way says nothing of who they were.
 * @param day the one of the breakdowns
 */
export function withoutSmall({ days, ...breakdowns }: LoginFigures, day: string): LoginFigures<ShownFigure> {
  const byDay = days.map(rowOf);
  const [bySource, byProvider, byLevel, byError] = [
    inOrder(breakdowns.bySource),
    inOrder(breakdowns.byProvider),
    inOrder(breakdowns.byLevel),
    inOrder(breakdowns.byError),
  ];
  const total = byDay.find(({ value }) => value === day);
  if (total)
    keepBack(
      [bySource, byProvider, byLevel, byError].flatMap((rows) =>
        LOGIN_STEPS.map((step) => [total.steps[step], ...rows.map(({ steps }) => steps[step])]),
      ),
    );
  return {
    days: byDay.map(shownRow),
    bySource: bySource.map(shownRow),
    byProvider: byProvider.map(shownRow),
    byLevel: byLevel.map(shownRow),
    byError: byError.map(shownRow),
  };
}

function inOrder(rows: readonly LoginFigure[]): Row[] {
  return rows.toSorted((a, b) => (a.value < b.value ? -1 : 1)).map(rowOf);
}

function rowOf({ value, ...funnel }: LoginFigure): Row {
  return { value, steps: perStep((step) => figure(funnel[step])) };
}

function shownRow({ value, steps }: Row): ShownFigure {
  return { value, ...perStep((step) => shown(steps[step])) };
}

function perStep<Value>(of: (step: LoginStep) => Value): Record<LoginStep, Value> {
  return Object.fromEntries(LOGIN_STEPS.map((step) => [step, of(step)])) as Record<LoginStep, Value>;
}
