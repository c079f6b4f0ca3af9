import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { EVENTS } from '../../src/operations/log.ts';
import { METRICS } from '../../src/operations/metrics.ts';

const ROOT = join(import.meta.dirname, '../..');
const doc = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** What stands in backticks in the first column of the table under a heading. */
function named(heading: string): string[] {
  const section = doc.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
}

it('explains every event of the log, and none that there is not', () => {
  expect(named('The log').sort()).toEqual([...Object.keys(EVENTS), 'failure'].sort());
});

it('explains every metric, and none that there is not', () => {
  const ours = named('Metrics').filter((name) => name.startsWith('gateway_'));
  expect(ours.sort()).toEqual(Object.keys(METRICS).sort());
});

it('says which events are warnings', () => {
  const warnings = Object.entries(EVENTS).flatMap(([name, { severity }]) =>
    severity === 'warn' ? [name] : [],
  );
  const log = doc.slice(doc.indexOf('\n## The log\n'));
  const row = (name: string) => log.split('\n').find((line) => line.includes(`\`${name}\``));
  expect(warnings.filter((name) => !row(name)?.includes('(warn)'))).toEqual([]);
});

it('raises alarms on what is measured and logged, each with what to do', () => {
  const { groups } = parse(readFileSync(join(ROOT, 'deploy/alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const metrics = rules.flatMap(({ expr }) => expr.match(/gateway_[a-z_]+/g) ?? []);
  expect(metrics.map((name) => name.replace(/_bucket$/, '')).filter((name) => !(name in METRICS))).toEqual(
    [],
  );
  const events = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/event="([a-z_]+)"/g)].map(([, name]) => name ?? ''),
  );
  expect(events.filter((name) => !(name in EVENTS))).toEqual([]);
  expect(rules.map(({ alert }) => alert).filter((alert) => !doc.includes(`\`${alert}\``))).toEqual([]);
});
