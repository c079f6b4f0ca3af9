import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/demo.ts';

const directory = mkdtempSync(join(tmpdir(), 'gateway-check-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The command as somebody types it. */
function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const main = `${import.meta.dirname}/../../src/main.ts`;
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: directory }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

describe('npm run demo -- --check', () => {
  it('finds that the gateway does everything right, and writes it down for people and machines', async () => {
    const [json, html] = [join(directory, 'report.json'), join(directory, 'report.html')];
    const port = String(await freePorts(3));
    const { code, out, err } = await run('demo', '--check', '--port', port, '--json', json, '--html', html);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Everything passed.');
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      passed: boolean;
      reports: {
        cases: { nr: string; suite: string; passed: boolean; asked: unknown }[];
        requests: unknown[];
      }[];
    };
    expect(report.passed).toBe(true);
    const cases = report.reports[0]?.cases ?? [];
    expect(cases.every(({ passed }) => passed)).toBe(true);
    expect(cases.filter(({ suite }) => suite.includes('P')).length).toBeGreaterThanOrEqual(111);
    // Levels 1 to 3 with each Comparison, but for what is better than level 3, by both bindings.
    expect(new Set(cases.map(({ asked }) => JSON.stringify(asked))).size).toBe(11);
    expect(report.reports[0]?.requests).toHaveLength(8);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('<html lang="it">');
    expect(page).toContain('Tutte le verifiche sono superate.');
    expect(page).not.toMatch(/<script|<link|<img|url\(|@import/);
  }, 120_000);
});

describe('npm run gateway -- check', () => {
  it('writes the metadata of its provider with a key that stays', async () => {
    const file = join(directory, 'provider.xml');
    const certificate = () => /<ds:X509Certificate>[^<]*/.exec(readFileSync(file, 'utf8'))?.[0];
    expect((await run('check', '--idp-metadata', file, '--keys', 'keys')).code).toBe(0);
    const first = certificate();
    expect((await run('check', '--idp-metadata', file, '--keys', 'keys')).code).toBe(0);
    expect(first).toBeDefined();
    expect(certificate()).toBe(first);
  });

  it.each([
    [[], 'nothing to check'],
    [['--against', 'https://a.example', '--metadata', 'https://a.example/m'], 'give --against, or'],
    [['--metadata', 'https://a.example/m'], '--metadata and --login go together'],
    [['--against', 'http://a.example'], '--against: found http://a.example; allowed: an https URL'],
    [['--metadata', 'https://a.example', '--login', 'ftp://a.example'], '--login: found ftp://a.example'],
    [['--entity', 'unione', '--idp-metadata', 'x.xml'], '--entity goes with --against'],
    [['--against', 'https://a.example', '--suite', 'none'], '--suite: found none; allowed: all, official'],
    [['--against', 'https://a.example', '--lang', 'de'], '--lang: found de; allowed: it, en'],
    [['--backwards'], "Unknown option '--backwards'"],
  ])('says how it is called when it is called with %j', async (args, message) => {
    const { code, err } = await run('check', ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('says so when nobody answers, or no test logins are open', async () => {
    const { code, err } = await run('check', '--against', 'http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(err).toContain('no test logins are offered there');
    expect(err).toContain('sources.spid.testLogin');
  });
});
