import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { Misconfigured } from '../src/operations/errors.ts';
import { openFuzzed } from '../test/attacks/fuzz/gateway.ts';
import { holdAgainst, mutatedResponses } from '../test/attacks/fuzz/oracle.ts';
import { TARGETS, type Target } from '../test/attacks/fuzz/targets.ts';
import { openXmlsec } from '../test/attacks/fuzz/xmlsec.ts';

/** Asks xmlsec1 about every signature that verifies for us; only where it is installed, so only by name. */
const XMLSEC: Target = {
  name: 'xmlsec1',
  property: () => {
    const xmlsec = openXmlsec();
    process.once('exit', () => xmlsec.stop());
    return fc.asyncProperty(mutatedResponses, async (xml) => {
      await holdAgainst(xml, (text, signature) => xmlsec.verifies(text, signature));
    });
  },
};

/** `npm run fuzz -- [--runs N] [--seed N] [--endpoint NAME]`: random input to everything that takes bytes from outside. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      endpoint: { type: 'string' },
    },
  });
  const [numRuns, seed] = [Number(values.runs), Number(values.seed)];
  const every = [...TARGETS, XMLSEC];
  const targets = values.endpoint ? every.filter(({ name }) => name === values.endpoint) : TARGETS;
  if (!Number.isInteger(numRuns) || numRuns < 1 || !Number.isInteger(seed) || targets.length === 0) {
    const names = every.map(({ name }) => name).join('|');
    throw new Misconfigured('usage', `npm run fuzz -- [--runs N] [--seed N] [--endpoint ${names}]`);
  }
  const gateway = await openFuzzed();
  try {
    for (const target of targets) await fuzz(target, gateway.url, numRuns, seed);
  } finally {
    await gateway.stop();
  }
}

async function fuzz(target: Target, url: string, numRuns: number, seed: number): Promise<void> {
  const started = performance.now();
  const found = await fc.check(target.property(url), { numRuns, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  const end = found.failed ? 'FAILED' : 'ok';
  process.stdout.write(
    `${end} ${target.name}: ${found.numRuns} runs, seed ${seed}, ${seconds} s, ${memory} MB\n`,
  );
  if (found.failed) {
    process.stdout.write(`${fc.defaultReportMessage(found) ?? ''}\n`);
    process.exitCode = 1;
  }
}

await main();
