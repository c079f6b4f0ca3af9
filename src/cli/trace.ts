import { parseArgs } from 'node:util';
import { readReference, storyOf } from '../admin/trace/story.ts';
import { complain, print } from './output.ts';
import { withRegister } from './register/open.ts';

export const USAGE = `trace REFERENCE   what happened in a login, by the support code on the citizen's page, such as K7QF-3MZP

Options: --config gateway.yaml, --json. Exit codes: 0 found, 1 nothing under that code, or refused, 2 wrongly called.
`;

/** Tells everything that belongs to a support reference as one story; opens no personal data. */
export async function runTrace(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      json: { type: 'boolean', default: false },
    },
  });
  const reference = readReference(positionals[0] ?? '');
  if (!reference || positionals.length > 1)
    return complain('trace', 'give one support reference, such as K7QF-3MZP');
  return withRegister(values.config, environment, async ({ store, register }) => {
    const entries = await register.trace(store.db, reference);
    if (values.json) print(JSON.stringify(entries, null, 2));
    else
      for (const { at, sentence, advice } of storyOf(entries, 'en')) {
        print(`${at.toISOString()}  ${sentence}`);
        if (advice) print(`${' '.repeat(26)}${advice.operator}`);
      }
    if (entries.length > 0) return 0;
    process.stderr.write(`Nothing is registered under ${reference}.\n`);
    return 1;
  });
}
