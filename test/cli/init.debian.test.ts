import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkMetadata } from '../../src/entities/metadata-check/check.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { freePorts } from '../support/demo.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

const ANSWERS = {
  name: 'Unione dei Comuni della Valle d’Esempio',
  'display-name': 'Unione "Valle d’Esempio"',
  ipa: 'udc_vdes',
  locality: 'Forlì',
  domain: 'accesso.unione.example.it',
  email: 'accesso-digitale@unione.example.it',
  telephone: '+390500000000',
  website: 'https://www.unione.example.it/servizi',
  privacy: 'https://www.unione.example.it/privacy',
  accessibility: 'https://www.unione.example.it/accessibilita',
  support: 'https://www.unione.example.it/assistenza',
};

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'init-command-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

function gateway(args: readonly string[], input = '', environment: NodeJS.ProcessEnv = {}) {
  const run = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', input, env: environment });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

const flags = (answers: Readonly<Record<string, string>>) =>
  Object.entries(answers).flatMap(([flag, value]) => [`--${flag}`, value]);

const init = (
  directory: string,
  change: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
) =>
  gateway(['init', '--directory', directory, '--bits', '2048', ...flags({ ...ANSWERS, ...change }), ...more]);

describe('npm run gateway -- init', () => {
  it('leaves a gateway that starts, whose metadata AgID’s rules, xmlsec1 and openssl accept', async () => {
    const directory = folder();
    const made = init(directory, {}, ['--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const report = JSON.parse(made.out) as { files: string[]; draft: object; next: { commands: string[] }[] };
    expect(report.files).toEqual(['data', 'gateway.yaml', 'keys', 'passphrase']);
    expect(readdirSync(directory).sort()).toEqual(report.files);
    expect(statSync(join(directory, 'passphrase')).mode & 0o777).toBe(0o600);
    expect(report.draft).toMatchObject({ acceptable: true, findings: [] });

    const subject = execFileSync(
      'openssl',
      [
        'x509',
        '-in',
        join(directory, 'keys/saml-unione.crt.pem'),
        '-noout',
        '-text',
        '-nameopt',
        'utf8,sep_comma_plus',
      ],
      { encoding: 'utf8' },
    );
    for (const text of [
      ANSWERS.name,
      'PA:IT-udc_vdes',
      'https://accesso.unione.example.it/spid',
      'L=Forlì',
      '1.3.76.16.4.2.1',
    ])
      expect(subject).toContain(text);

    // As the list of next steps says. Only the port and the providers are this test's.
    const config = join(directory, 'gateway.yaml');
    const port = await freePorts(1);
    mkdirSync(join(directory, 'idp'));
    const text = readFileSync(config, 'utf8');
    writeFileSync(
      config,
      text.replace('port: 3000', `port: ${port}`).replace('{ registry: {} }', '{ directory: idp }'),
    );
    const seal = report.next
      .flatMap(({ commands }) => commands)
      .find((command) => command.includes('metadata seal'));
    expect(gateway((seal ?? '').split(' -- ')[1]?.split(' ') ?? [])).toMatchObject({ code: 0, err: '' });
    const running = spawn(process.execPath, [MAIN, 'start', '--config', config], {
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(running, 'exit');
    try {
      for await (const line of createInterface({ input: running.stdout }))
        if (line.startsWith('The gateway answers at https://accesso.unione.example.it')) break;
      const answer = await fetch(`http://127.0.0.1:${port}/spid`);
      const xml = Buffer.from(await answer.arrayBuffer());
      const checked = await checkMetadata(xml, { now: systemClock.now(), production: true });
      expect(checked).toMatchObject({ acceptable: true, findings: [] });
      writeFileSync(join(directory, 'metadata.xml'), xml);
      const root = 'urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor';
      const certificate = join(directory, 'keys/saml-unione.crt.pem');
      const how = [
        '--verify',
        '--enabled-key-data',
        'x509,rsa',
        '--pubkey-cert-pem',
        certificate,
        '--id-attr:ID',
        root,
      ];
      execFileSync('xmlsec1', [...how, join(directory, 'metadata.xml')], { stdio: 'pipe' });
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    } finally {
      running.kill('SIGTERM');
      await ended;
    }
    expect(running.exitCode).toBe(0);
  });

  it('refuses what breaks a rule, all at once and with the rule, and writes nothing', () => {
    const directory = folder();
    const { code, out, err } = init(directory, {
      ipa: 'udc vdes',
      email: 'anna+spid@example.it',
      domain: 'https://accesso.example.it',
      id: 'Unione',
      telephone: '050 123',
      privacy: 'somewhere',
      vat: '123',
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    for (const line of [
      /--domain: found https:\/\/accesso\.example\.it; allowed: a host name .* \(spid-sp-metadata 1\)/,
      /--ipa: found udc vdes; allowed: the code of the body in IPA.* \(spid-sp-metadata 2\.3\)/,
      /--email: found anna\+spid@example\.it; .* \(spid-sp-metadata 2\.3\)/,
      /--telephone: found 050 123; .* \(spid-sp-metadata 2\.3\)/,
      /--vat: found 123; .* \(spid-sp-metadata 2\.3\)/,
      /--privacy: found somewhere; allowed: an absolute http\(s\) URL/,
      /--id: found Unione; allowed: 1 to 40 lower-case letters/,
    ])
      expect(err).toMatch(line);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses to overwrite anything of a gateway, and a passphrase that is too short', () => {
    const directory = folder();
    mkdirSync(join(directory, 'keys'));
    const { code, err } = init(directory);
    expect(code).toBe(1);
    expect(err).toContain('holds keys already; nothing was written');
    const short = folder();
    const args = ['init', '--directory', short, ...flags(ANSWERS)];
    expect(gateway(args, '', { GATEWAY_KEYS_PASSPHRASE: 'short' }).err).toContain('allowed: 16 or more');
    expect(readdirSync(short)).toEqual([]);
  });

  it('asks for what was not said, and again for what breaks a rule', () => {
    const directory = folder();
    const asked = ['display-name', 'ipa', 'email'];
    const said = Object.fromEntries(Object.entries(ANSWERS).filter(([flag]) => !asked.includes(flag)));
    const args = ['init', '--directory', directory, '--bits', '2048', ...flags(said)];
    const { code, err, out } = gateway(args, '\nudc vdes\nspid@example.it\nudc_vdes\n', {
      GATEWAY_KEYS_PASSPHRASE: 'a passphrase that is long enough',
    });
    expect(code).toBe(0);
    expect(err).toContain('--ipa: found udc vdes; allowed: the code of the body in IPA');
    expect(out).toContain('Made in');
    const text = readFileSync(join(directory, 'gateway.yaml'), 'utf8');
    expect(text).toContain('passphrase: {"env":"GATEWAY_KEYS_PASSPHRASE"}');
    expect(text).toContain('ipaCode: "udc_vdes"');
    expect(readdirSync(directory)).not.toContain('passphrase');
  });

  it('ends with 2 and says which flags are missing when nobody answers', () => {
    const directory = folder();
    const run = gateway(['init', '--directory', directory, '--name', 'Unione']);
    expect(run.code).toBe(2);
    expect(run.err).toContain('not said: --ipa, --locality, --domain, --email');
    expect(gateway(['init', '--directory', directory, '--json', '--name', 'Unione']).err).toMatch(
      /^init: not said: --ipa/,
    );
    expect(gateway(['init', '--bits', '1024']).err).toContain(
      '--bits: found 1024; allowed: 2048, 3072 or 4096',
    );
    expect(readdirSync(directory)).toEqual([]);
  });
});
