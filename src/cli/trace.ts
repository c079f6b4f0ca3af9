import { parseArgs } from 'node:util';
import { readReference, storyOf } from '../admin/trace/story.ts';
import { print, withRegister } from './register/open.ts';

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
  if (!reference || positionals.length > 1) {
    process.stderr.write('trace: give one support reference, such as K7QF-3MZP\n');
    return 2;
  }
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
