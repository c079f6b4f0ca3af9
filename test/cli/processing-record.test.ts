import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BodyRecord } from '../../src/clients/processing-record.ts';
import { asCsv, asMarkdown } from '../../src/cli/processing-record/formats.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const BODY: BodyRecord = {
  id: 'unione',
  name: { it: 'Unione', en: 'Union' },
  contact: { email: 'a@example.it', ipaCode: 'udc' },
  privacyUrl: 'https://example.it/privacy',
  registerMonths: 36,
  activities: [
    {
      id: 'suap',
      name: { it: '=SUM(A1)', en: 'One | two' },
      homePage: 'https://suap.example.it/',
      state: 'waiting',
      minimumLevel: 2,
      data: [
        {
          attribute: 'name',
          purpose: { it: 'per "gioco", e altro', en: 'for *fun*' },
          legalBasis: undefined,
          required: true,
          released: true,
        },
      ],
    },
  ],
};

describe('the record of processing', () => {
  it('is CSV that spreadsheets take as text', () => {
    const [head, row] = asCsv([BODY], 'it').split('\r\n');
    expect(head).toContain('Base giuridica,Norma,Necessario');
    expect(row).toContain(`'=SUM(A1),suap,in attesa,2,Nome,"per ""gioco"", e altro",DA INDICARE,–,sì,sì`);
  });

  it('is Markdown in which nothing that services wrote is markup', () => {
    const text = asMarkdown([BODY], 'en', new Date('2026-11-24T10:00:00Z'));
    expect(text).toContain('### One \\| two (`suap`)');
    expect(text).toContain('| for \\*fun\\* | TO BE STATED |');
    expect(text).toContain('36 months');
    expect(text).toContain('As of 2026-11-24.');
  });
});

describe('npm run gateway -- processing-record', () => {
  const directory = mkdtempSync(join(tmpdir(), 'processing-record-'));
  const config = join(directory, 'gateway.yaml');
  const run = (...args: string[]) => {
    const env = {
      GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
      GATEWAY_SECRET_SUAP: 'a secret that is long enough for a test',
    };
    const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
    return { code: status, out: stdout, err: stderr };
  };
  beforeAll(() => {
    const example = readFileSync(join(ROOT, 'gateway.example.yaml'), 'utf8');
    writeFileSync(
      config,
      example
        .replace('    minimumLevel: 2\n', '    minimumLevel: 2\n    policy: { age: { minimum: 18 } }\n')
        .replace(
          'attributes: [spidCode, name, familyName, fiscalNumber, email, mobilePhone]',
          'attributes: [spidCode, name, familyName, fiscalNumber, email, mobilePhone, dateOfBirth]',
        ),
    );
    expect(run('keys', 'create', '--bits', '2048').code).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('says of each body and service which data, why, on what basis, and what is only looked at', () => {
    const { code, out } = run('processing-record', '--json');
    expect(code).toBe(0);
    const [union] = JSON.parse(out) as BodyRecord[];
    expect(union).toMatchObject({ id: 'unione', registerMonths: 24, contact: { ipaCode: 'udc_vdes' } });
    const [suap] = union?.activities ?? [];
    expect(suap).toMatchObject({ id: 'suap', state: 'live' });
    expect(suap?.data[0]).toMatchObject({
      attribute: 'name',
      legalBasis: { ground: 'public-task' },
      released: true,
    });
    expect(suap?.data.at(-1)).toMatchObject({ attribute: 'dateOfBirth', released: false });
    expect(run('processing-record', '--entity', 'unione').out).toMatch(
      /^# Registro delle attività di trattamento/,
    );
  });

  it.each([
    [['--format', 'pdf'], 'allowed: markdown, csv or json'],
    [['--lang', 'de'], 'allowed: it or en'],
    [['--entity', 'nessuno'], '--entity: found nessuno; allowed: unione'],
  ])('ends with 2 when called with %j', (args, message) => {
    const { code, err } = run('processing-record', ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
