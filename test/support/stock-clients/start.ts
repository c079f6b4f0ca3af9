import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { blockOfTheGuide } from './guide.ts';

/** Where a client of the tests is, and how the gateway knows it. */
export interface StockClient {
  readonly issuer: string;
  readonly port: number;
  readonly id: string;
  readonly secret: string;
}

export interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/** What docs/services.md has, with the names of a test. */
function fromTheGuide(language: 'apache' | 'python', { issuer, port, id, secret }: StockClient): string {
  return blockOfTheGuide(language)
    .replaceAll(/https:\/\/accesso\.unione\.example\.it|http:\/\/localhost:3000/g, issuer)
    .replaceAll('https://suap.unione.example.it', `http://localhost:${port}`)
    .replaceAll(/the-secret-of-suap|secret-of-the-demo-worth-nothing/g, secret)
    .replaceAll(/OIDCClientID suap\b/g, `OIDCClientID ${id}`)
    .replaceAll("'my-service'", `'${id}'`);
}

/** Debian's Apache with mod_auth_openidc around one page, which says who is there. */
export async function startApache(client: StockClient): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-apache-'));
  chmodSync(directory, 0o755); // it gives up being root
  mkdirSync(join(directory, 'site/area'), { recursive: true });
  writeFileSync(join(directory, 'site/area/index.shtml'), 'Ciao <!--#echo var="OIDC_CLAIM_name" -->');
  writeFileSync(join(directory, 'site/bye.html'), 'Arrivederci');
  writeFileSync(join(directory, 'openidc.conf'), fromTheGuide('apache', client));
  const apache = spawn('/usr/sbin/apache2', ['-f', join(import.meta.dirname, 'httpd.conf'), '-DFOREGROUND'], {
    env: { ...process.env, DIRECTORY: directory, PORT: String(client.port) },
    stdio: 'inherit',
  });
  const url = `http://localhost:${client.port}`;
  await answering(`${url}/bye.html`, () => readFileSync(join(directory, 'error.log'), 'utf8'));
  return { url, stop: () => ended(apache, directory) };
}

/** The service in Python that the guide begins with, whole, on Debian's Authlib and Flask. */
export async function startPython(client: StockClient): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-python-'));
  writeFileSync(join(directory, 'service.py'), fromTheGuide('python', client));
  const port = ['--port', String(client.port)];
  const python = spawn(
    '/usr/bin/python3',
    ['-m', 'flask', '--app', 'service', 'run', '-h', 'localhost', ...port],
    {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  python.stderr.on('data', (part) => (said += String(part)));
  const url = `http://localhost:${client.port}`;
  await answering(`${url}/`, () => said);
  return { url, stop: () => ended(python, directory) };
}

/** @param said what the service has written, for the message when it never answers */
async function answering(url: string, said: () => string): Promise<void> {
  const answers = () => fetch(url).then(({ ok }) => expect(ok).toBe(true));
  await vi.waitFor(answers, { timeout: 10_000, interval: 50 }).catch((cause: unknown) => {
    throw new Error(said(), { cause });
  });
}

async function ended(child: ChildProcess, directory: string): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  rmSync(directory, { recursive: true, force: true });
}
