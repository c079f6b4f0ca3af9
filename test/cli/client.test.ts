import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { openStore } from '../../src/store/store.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const SCHOOL = {
  id: 'school',
  entity: 'unione',
  name: { it: 'Iscrizioni', en: 'Enrolment' },
  homePage: 'https://scuola.example.it/',
  redirectUris: ['https://scuola.example.it/callback'],
  attributes: [{ name: 'name', purpose: { it: 'intestare' }, legalBasis: { ground: 'consent' } }],
};

describe('npm run gateway -- client', () => {
  const directory = mkdtempSync(join(tmpdir(), 'client-command-'));
  const config = join(directory, 'gateway.yaml');
  const file = (name: string, content: unknown) => {
    const path = join(directory, name);
    writeFileSync(
      path,
      typeof content === 'string' ? content : stringify(content, { aliasDuplicateObjects: false }),
    );
    return path;
  };
  const run = (...args: string[]) => {
    const env = {
      GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
      GATEWAY_SECRET_SUAP: 'long enough for a test, is it',
    };
    const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
    return { code: status, out: stdout, err: stderr };
  };
  const verifies = async (id: string, secret: string) => {
    const store = await openStore(`sqlite:${join(directory, 'data/gateway.db')}`, systemClock);
    try {
      return await new ClientSecrets(store, systemClock).verify(id, secret);
    } finally {
      await store.close();
    }
  };

  beforeAll(() => {
    copyFileSync(join(ROOT, 'gateway.example.yaml'), config);
    expect(run('keys', 'create', '--bits', '2048').code).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('registers, approves, changes, stops and shows a service, with its secret once on standard output', async () => {
    const added = run('client', 'add', file('school.yaml', SCHOOL));
    const secret = /client_secret {2}(\S{43})\n/.exec(added.out)?.[1] ?? '';
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(await verifies('school', secret)).toBe(true);
    expect(run('client', 'approve', 'school')).toMatchObject({ code: 0, out: 'school is live.\n' });

    const changed = file('changed.json', JSON.stringify({ ...SCHOOL, minimumLevel: 3 }));
    expect(run('client', 'update', 'school', changed, '--version', '1').code).toBe(1);
    expect(run('client', 'update', 'school', changed, '--version', '2').code).toBe(0);
    expect(run('client', 'suspend', 'school').code).toBe(0);
    const shown = run('client', 'show', 'school', '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ state: 'suspended', client: { minimumLevel: 3 } });
    expect(shown.out).not.toContain(secret);
    expect(run('client', 'list').out).toMatch(/suap .*configuration[\s\S]*|school .*suspended/);
    expect(run('audit', 'export').out).toContain('"action":"client.suspended"');
  });

  it('issues tokens for dynamic registration where that is switched on, lists them without text, and revokes them', () => {
    const issue = [
      'client',
      'registration-token',
      '--entity',
      'unione',
      '--hosts',
      'a.example.it,b.example.it',
    ];
    const off = run(...issue);
    expect(off.code).toBe(1);
    expect(off.err).toContain('dynamicRegistration: found false');

    const before = readFileSync(config, 'utf8');
    writeFileSync(config, `${before}\ndynamicRegistration: true\n`);
    try {
      const issued = run(...issue, '--days', '10', '--uses', '5');
      const [, id = ''] = /^id +(r-[0-9a-f]{12})$/m.exec(issued.out) ?? [];
      const [, token = ''] = /^token +(\S{43})$/m.exec(issued.out) ?? [];
      expect(issued).toMatchObject({ code: 0, err: '' });
      expect(token).not.toBe('');
      expect(run('client', 'revoke-registration-token', id).code).toBe(0);
      const listed = run('client', 'registration-tokens');
      expect(listed.out).toMatch(
        new RegExp(`^${id} +unione +5 of 5 +revoked +a.example.it, b.example.it$`, 'm'),
      );
      expect(listed.out).not.toContain(token);
      const trail = run('audit', 'export').out;
      expect(trail).toContain('"action":"registration-token.issue"');
      expect(trail).toContain('"action":"registration-token.revoke"');
      expect(trail).not.toContain(token);

      for (const wrong of [
        ['--days', '0'],
        ['--uses', '1001'],
        ['--hosts', 'https://a.example.it'],
      ])
        expect(run(...issue, ...wrong).err).toContain('allowed: ');
      expect(run(...issue, '--entity', 'nobody').err).toContain('no such body');
    } finally {
      writeFileSync(config, before);
    }
  });

  it('rotates a secret: the new one is printed once, those before it end when asked to', async () => {
    const [first, second] = [
      run('client', 'rotate-secret', 'school', '--days', '90', '--json'),
      run('client', 'rotate-secret', 'school', '--old-days', '0', '--json'),
    ].map(({ out }) => JSON.parse(out) as { secret: string });
    expect(await verifies('school', first?.secret ?? '')).toBe(false);
    expect(await verifies('school', second?.secret ?? '')).toBe(true);
    expect(run('client', 'rotate-secret', 'suap')).toMatchObject({ code: 1, out: '' });
  });

  it('takes in what it gave out: nothing changes the second time, and new services come with their secrets', () => {
    const exported = run('client', 'export', 'school').out;
    const clients = (parse(exported) as { clients: (typeof SCHOOL)[] }).clients;
    const both = file('both.yaml', { clients: [...clients, { ...SCHOOL, id: 'meals' }] });
    expect(run('client', 'import', both, '--dry-run').out).toBe(
      'unchanged  school\nnew  meals\nNothing was written.\n',
    );
    expect(run('client', 'import', both).out).toMatch(
      /^unchanged {2}school\nnew {2}meals {2}client_secret \S{43}\n$/,
    );
    expect(run('client', 'import', both).out).toBe('unchanged  school\nunchanged  meals\n');
  });

  it('writes nothing of a file in which anything is wrong, and says what', () => {
    const wrong = { ...SCHOOL, id: 'wrong', redirectUris: ['http://scuola.example.it/'] };
    const mixed = file('mixed.yaml', { clients: [{ ...SCHOOL, id: 'right' }, wrong] });
    const refused = run('client', 'import', mixed);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('wrong: the client breaks rules: redirectUris[0]');
    expect(run('client', 'show', 'right').code).toBe(1);
    const odd = file('odd.yaml', `${readFileSync(file('x.yaml', SCHOOL), 'utf8')}colour: red\n`);
    expect(run('client', 'add', odd)).toMatchObject({ code: 1, out: '' });
    expect(run('client', 'paint', 'school').code).toBe(2);
    expect(run('client', 'show').code).toBe(2);
  });
});
