import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { inspect, parseArgs } from 'node:util';
import fc from 'fast-check';
import { Misconfigured } from '../src/operations/errors.ts';
import { openFuzzed, type Fuzzed } from '../test/attacks/fuzz/gateway.ts';
import { holdAgainst, mutatedResponses } from '../test/attacks/fuzz/oracle.ts';
import type { Target } from '../test/attacks/fuzz/requests.ts';
import { TARGETS } from '../test/attacks/fuzz/targets.ts';
import { openXmlsec } from '../test/attacks/fuzz/xmlsec.ts';

/** What one run of a target came to, besides having found nothing. */
interface Told {
  readonly target: Target;
  readonly tell: () => string;
}

/** Mutated responses, every signature that verifies for us held against xmlsec1, which has to be installed. */
function oracle(): Told {
  if (spawnSync('xmlsec1', ['--version']).error)
    throw new Misconfigured('usage', '--oracle needs xmlsec1: apt-get install xmlsec1');
  const outcomes = { accepted: 0, refused: 0 };
  let asked = 0;
  const target: Target = {
    name: 'xmlsec1',
    property: () => {
      const xmlsec = openXmlsec();
      process.once('exit', () => xmlsec.stop());
      return fc.asyncProperty(mutatedResponses, async (xml) => {
        const outcome = await holdAgainst(xml, (text, signature) => {
          asked++;
          return xmlsec.verifies(text, signature);
        });
        outcomes[outcome]++;
      });
    },
  };
  return {
    target,
    tell: () =>
      `, ${outcomes.accepted} accepted, ${outcomes.refused} refused, xmlsec1 asked about ${asked} signatures`,
  };
}

const USAGE = `npm run fuzz -- [--runs N] [--seed N] [--endpoint ${TARGETS.map(({ name }) => name).join('|')}] [--oracle]`;

/**
 * `npm run fuzz`: random input to everything that takes bytes from outside, N times to each; with `--oracle` mutated
 * responses, held against xmlsec1. The seed makes a run again.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      endpoint: { type: 'string' },
      oracle: { type: 'boolean', default: false },
    },
  });
  const [numRuns, seed] = [Number(values.runs), Number(values.seed)];
  const named = TARGETS.filter(({ name }) => values.endpoint === undefined || name === values.endpoint);
  if (!Number.isInteger(numRuns) || numRuns < 1 || !Number.isInteger(seed) || named.length === 0)
    throw new Misconfigured('usage', USAGE);
  const silent = (target: Target): Told => ({ target, tell: () => '' });
  const targets = values.oracle ? [oracle()] : named.map(silent);
  const gateway = await openFuzzed();
  try {
    for (const target of targets) await fuzz(target, gateway, numRuns, seed);
  } finally {
    await gateway.stop();
  }
}

async function fuzz({ target, tell }: Told, gateway: Fuzzed, numRuns: number, seed: number): Promise<void> {
  const started = performance.now();
  const found = await fc.check(target.property(gateway), { numRuns, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  const end = found.failed ? 'FAILED' : 'ok';
  process.stdout.write(
    `${end} ${target.name}: ${found.numRuns} runs, seed ${seed}, ${seconds} s, ${memory} MB${tell()}\n`,
  );
  if (found.failed) {
    process.stdout.write(`${fc.defaultReportMessage(found) ?? ''}\n${inspect(found.errorInstance)}\n`);
    process.exitCode = 1;
  }
}

await main();
