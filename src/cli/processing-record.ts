import { parseArgs } from 'node:util';
import { registeredClients } from '../clients/registered.ts';
import { processingRecord, type RecordedClient } from '../clients/processing-record.ts';
import { loadConfiguration } from '../config/load.ts';
import { checkedClients } from '../gateway/declared.ts';
import { retentionMonths } from '../gateway/register.ts';
import { withWorkbench } from '../gateway/workbench.ts';
import { systemClock } from '../operations/clock.ts';
import type { Queryable } from '../store/store.ts';
import { complain, print } from './output.ts';
import { asCsv, asMarkdown } from './processing-record/formats.ts';

export const USAGE = `processing-record        which service gets which data of citizens, why and on what legal basis (GDPR 30)

  --format markdown|csv|json   Default: markdown. --json is short for the last
  --lang it|en                 Default: it
  --entity ID                  one body only

Options: --config gateway.yaml. Exit codes: 0 done, 1 refused, 2 wrongly called.
`;

/** The record of processing, from what services are registered with. */
export async function runProcessingRecord(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: 'gateway.yaml' },
      format: { type: 'string' },
      lang: { type: 'string', default: 'it' },
      entity: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const format = values.format ?? (values.json ? 'json' : 'markdown');
  if (!['markdown', 'csv', 'json'].includes(format))
    return complain('processing-record', `--format: found ${format}; allowed: markdown, csv or json`);
  const { lang } = values;
  if (lang !== 'it' && lang !== 'en')
    return complain('processing-record', `--lang: found ${lang}; allowed: it or en`);
  const configuration = loadConfiguration(values.config, environment);
  return withWorkbench(configuration, { clock: systemClock, follow: true }, async ({ entities, store }) => {
    const bodies = entities.kept().flatMap(({ declaration, ceasedAt }) => (ceasedAt ? [] : [declaration]));
    const chosen = bodies.filter(({ id }) => values.entity === undefined || id === values.entity);
    if (chosen.length === 0)
      return complain(
        'processing-record',
        `--entity: found ${values.entity}; allowed: ${bodies.map(({ id }) => id).join(', ')}`,
      );
    // Those of the file as the file has them now, whether the gateway has started with it or not.
    const ofFile = checkedClients(configuration, bodies).map(({ client }) => ({
      client,
      state: 'live' as const,
    }));
    const record = processingRecord(chosen, [...ofFile, ...(await atRunTime(store.db))], {
      privacyUrl: configuration.brand.privacyUrl,
      registerMonths: (id) => retentionMonths(configuration, id),
    });
    if (format === 'json') print(JSON.stringify(record, null, 2));
    else print(format === 'csv' ? asCsv(record, lang) : asMarkdown(record, lang, systemClock.now()));
    return 0;
  });
}

const AT_ONCE = 200;

async function atRunTime(db: Queryable): Promise<RecordedClient[]> {
  const all: RecordedClient[] = [];
  for (let after: string | undefined; ;) {
    const page = await registeredClients(db, { after, limit: AT_ONCE });
    all.push(...page.filter(({ origin }) => origin !== 'configuration'));
    after = page.at(-1)?.client.id;
    if (page.length < AT_ONCE) return all;
  }
}
