import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { AuditTrail } from '../../src/audit/trail.ts';
import type { ClientChanges } from '../../src/clients/changes.ts';
import type { Client } from '../../src/clients/client.ts';
import { ClientSecrets } from '../../src/clients/secrets.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { clientChanges } from '../../src/gateway/clients.ts';
import { withWorkbench } from '../../src/gateway/workbench.ts';
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

const ENVIRONMENT = {
  GATEWAY_KEYS_PASSPHRASE: 'correct horse battery staple',
  GATEWAY_SECRET_SUAP: 'long enough for a test, is it',
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
    const command = [join(ROOT, 'src/main.ts'), ...args, '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      encoding: 'utf8',
      env: ENVIRONMENT,
    });
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

  it('is over without a word when whoever reads its output has seen enough', () => {
    const command = [process.execPath, join(ROOT, 'src/main.ts'), 'client', 'export', '--config', config];
    const pipe = `${command.map((word) => `'${word}'`).join(' ')} | true; exit "${'${PIPESTATUS[0]}'}"`;
    const { status, stderr } = spawnSync('bash', ['--norc', '-c', pipe], {
      encoding: 'utf8',
      env: ENVIRONMENT,
    });
    expect([status, stderr]).toEqual([141, '']);
  });

  it('writes nothing of a file in which anything is wrong, and says what', () => {
    const redirectUris = Array.from({ length: 10 }, (_, at) => `http://scuola.example.it/${at}`);
    const wrong = { ...SCHOOL, id: 'wrong', redirectUris };
    const mixed = file('mixed.yaml', { clients: [{ ...SCHOOL, id: 'right' }, wrong] });
    const refused = run('client', 'import', mixed);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^ {2}wrong$/m);
    expect(refused.err.match(/^ {4}redirectUris\[\d\]: found "http:.*allowed: https/gm)).toHaveLength(10);
    const alone = run('client', 'add', file('wrong.yaml', wrong));
    expect(alone).toMatchObject({ code: 1, out: '' });
    expect(alone.err.match(/^ {2}redirectUris\[\d\]: found "http:.*allowed: https/gm)).toHaveLength(10);
    expect(run('client', 'show', 'right').code).toBe(1);
    const odd = file('odd.yaml', `${readFileSync(file('x.yaml', SCHOOL), 'utf8')}colour: red\n`);
    expect(run('client', 'add', odd)).toMatchObject({ code: 1, out: '' });
    expect(run('client', 'paint', 'school').code).toBe(2);
    expect(run('client', 'show').code).toBe(2);
  });

  describe('where a second person has to approve', () => {
    const BY = {
      actor: { kind: 'person', person: { kind: 'it-fiscal', value: 'RSSNNA85T50G843X' }, name: 'Anna Rossi' },
      via: 'console',
    } as const;
    const id = 'library';
    /** What a person does in the console: the live service stays as it is. @returns the id of the change */
    const propose = (change: Partial<Client>) =>
      atTheConsole(async (clients) => {
        const { client, version } = await clients.get(id);
        expect(await clients.update(id, version, { ...client, ...change }, BY)).toBe('proposed');
        return (await clients.proposal(id))?.id ?? '';
      });
    const atTheConsole = <T>(work: (clients: ClientChanges) => Promise<T>) => {
      const configuration = loadConfiguration(config, ENVIRONMENT);
      const [clock, follow] = [systemClock, true];
      return withWorkbench(configuration, { clock, follow }, ({ store, keys, entities }) => {
        const [trail, secrets] = [new AuditTrail(keys), new ClientSecrets(store, clock)];
        return work(clientChanges(configuration, { store, keys, entities, clock, trail, secrets }));
      });
    };
    const levelOf = () =>
      (JSON.parse(run('client', 'show', id, '--json').out) as { client: Client }).client.minimumLevel;

    beforeAll(() => {
      expect(readFileSync(config, 'utf8')).toMatch(/^  fourEyes: true/m);
      expect(run('client', 'add', file('library.yaml', { ...SCHOOL, id })).code).toBe(0);
      expect(run('client', 'approve', id).code).toBe(0);
    });

    it('shows in the list which service has a change that waits, and of the service what it is and what to do next', async () => {
      const change = await propose({ minimumLevel: 3 });
      expect(run('client', 'list').out).toMatch(/^library +unione +live, a change waits +console/m);
      const { out } = run('client', 'show', id);
      expect(out).toContain('proposed by Anna Rossi on ');
      expect(out).toContain('  - minimumLevel: 2\n  + minimumLevel: 3\n');
      expect(out).toContain(
        `Next: client approve-change ${id} ${change}, or client withdraw-change ${id} ${change}\n`,
      );
    });

    it('decides on no change that was not named, but shows it', async () => {
      for (const verb of ['approve-change', 'withdraw-change']) {
        const { code, out, err } = run('client', verb, id);
        expect([code, out]).toEqual([2, expect.stringContaining('  + minimumLevel: 3\n')]);
        expect(err).toContain('say which change: nothing was done');
      }
      const guessed = run('client', 'approve-change', id, 'guessed');
      expect(guessed).toMatchObject({ code: 1, out: '' });
      expect(guessed.err).toContain('no such change waits');
      expect(levelOf()).toBe(2);
    });

    it('lets a change take effect, once, and says what is different now', async () => {
      const change = await propose({ minimumLevel: 3 });
      expect(run('client', 'approve-change', id, change)).toEqual({
        code: 0,
        out: `${id} is changed: version 3\n  - minimumLevel: 2\n  + minimumLevel: 3\n`,
        err: '',
      });
      expect(levelOf()).toBe(3);
      expect(run('client', 'approve-change', id, change).code).toBe(1);
      expect(run('client', 'approve-change', id)).toMatchObject({
        code: 0,
        out: `${id}: no change waits.\n`,
      });
      expect(run('client', 'list').out).toMatch(/^library +unione +live +console/m);
      const { out: trail } = run('audit', 'export');
      expect(trail).toContain('"action":"client.approve-change"');
    });

    it('takes a change back, and the service stays as it is', async () => {
      const change = await propose({ minimumLevel: 1 });
      expect(run('client', 'withdraw-change', id, change)).toMatchObject({
        code: 0,
        out: `${id} stays as it is.\n`,
      });
      expect([levelOf(), run('client', 'withdraw-change', id, change).code]).toEqual([3, 1]);
    });

    it('says of a change that came to be outdated that it can only be withdrawn', async () => {
      const change = await propose({ minimumLevel: 1 });
      const updated = run('client', 'update', id, file('second.yaml', { ...SCHOOL, minimumLevel: 2 }));
      expect(updated.out).toContain(`can no longer be approved: client withdraw-change ${id} ${change}`);
      expect(run('client', 'show', id).out).toContain('It cannot be approved any more');
      const late = run('client', 'approve-change', id, change);
      expect([late.code, late.err]).toEqual([1, expect.stringContaining('propose it anew')]);
      expect(run('client', 'withdraw-change', id, change).code).toBe(0);
    });
  });
});
