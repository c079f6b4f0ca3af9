import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
    .replaceAll('https://accesso.unione.example.it', issuer)
    .replaceAll('https://suap.unione.example.it', `http://localhost:${port}`)
    .replaceAll('the-secret-of-suap', secret)
    .replaceAll(/(OIDCClientID |')suap\b/g, `$1${id}`);
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
  const answers = () => fetch(`${url}/bye.html`).then(({ ok }) => expect(ok).toBe(true));
  await vi.waitFor(answers, { timeout: 10_000, interval: 50 }).catch((cause: unknown) => {
    throw new Error(readFileSync(join(directory, 'error.log'), 'utf8'), { cause });
  });
  return { url, stop: () => ended(apache, directory) };
}

/** A service in Python on Debian's Authlib. */
export async function startPython(client: StockClient): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-python-'));
  const file = join(directory, 'client.py');
  writeFileSync(file, fromTheGuide('python', client));
  const python = spawn(
    '/usr/bin/python3',
    [join(import.meta.dirname, 'service.py'), String(client.port), file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: python.stdout })) if (line === 'ready') break;
  return { url: `http://localhost:${client.port}`, stop: () => ended(python, directory) };
}

async function ended(child: ChildProcess, directory: string): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  rmSync(directory, { recursive: true, force: true });
}
