import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Demo } from '../../src/demo/start.ts';
import { startDemoAnywhere } from '../support/demo.ts';

const readme = readFileSync(`${import.meta.dirname}/../../README.md`, 'utf8');

describe('README, "Connect a service"', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await startDemoAnywhere();
  });
  afterAll(() => demo.stop());

  it('logs in with nothing but curl, as the script there says', async () => {
    const script = /```sh\n(GATEWAY=[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const here = script
      .replace('http://localhost:3000', demo.gatewayUrl)
      .replace('http://127.0.0.1:3001', demo.identityProviderUrl)
      .replace('http://localhost:3002', demo.suapUrl);
    const { stdout } = await promisify(execFile)('bash', ['-c', here]);
    expect(JSON.parse(stdout)).toMatchObject({ given_name: 'Anna', family_name: 'Rossi' });
    expect(stdout).not.toContain('fiscal_number'); // never asked for
  });
});
