import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/operations/clock.ts';
import { Refused } from '../../src/operations/errors.ts';
import { createLog } from '../../src/operations/log.ts';
import { Outbound } from '../../src/operations/outbound.ts';
import { inspectRegister } from '../../src/register/inspect.ts';
import { sealHead, sealsOf, stampLast, type SealOptions } from '../../src/register/seal.ts';
import { requestTimestamp, timestampOf } from '../../src/register/timestamp.ts';
import { openStore } from '../../src/store/store.ts';
import { testRegister } from '../support/register.ts';

const DATA = Buffer.from('the head of a register');
const outbound = new Outbound();

/** `openssl ts` behind HTTP: an authority of its own, with a root above it. */
describe('A time stamp of RFC 3161, made by openssl', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-tsa-'));
  const path = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const certificate = (name: string) => new X509Certificate(readFileSync(path(`${name}.pem`)));
  let server: Server;
  let url: string;
  let answer: (query: Buffer) => Buffer = (query) => {
    writeFileSync(path('query'), query);
    openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'reply');
    return readFileSync(path('reply'));
  };

  beforeAll(async () => {
    writeFileSync(path('serial'), '01\n');
    writeFileSync(
      path('tsa.cnf'),
      `[tsa]\ndefault_tsa = own\n[own]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\ncerts = root.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\nordering = yes\ntsa_name = yes\n` +
        `[ext]\nextendedKeyUsage = critical,timeStamping\n[plain]\nbasicConstraints = CA:FALSE\n[ca]\nbasicConstraints = critical,CA:TRUE\n`,
    );
    for (const [name, extension] of [
      ['root', 'ca'],
      ['other', 'ca'],
    ] as const) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-subj',
        `/CN=${name}`,
        '-days',
        '30',
        '-extensions',
        extension,
        '-config',
        own(extension),
      );
    }
    for (const [name, extension] of [
      ['tsa', 'ext'],
      ['plain', 'plain'],
    ] as const) {
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'root.pem',
        '-CAkey',
        'root.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        '30',
        '-extfile',
        'tsa.cnf',
        '-extensions',
        extension,
      );
    }
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('content-type', 'application/timestamp-reply');
        response.end(answer(Buffer.concat(chunks)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A configuration for openssl req with one section of extensions. */
  function own(extension: string): string {
    const file = `req-${extension}.cnf`;
    writeFileSync(
      path(file),
      `[req]\ndistinguished_name = dn\n[dn]\n[ca]\nbasicConstraints = critical,CA:TRUE\n`,
    );
    return file;
  }

  it('is asked for, verified, and tells when the data existed', async () => {
    const trusted = [certificate('root')];
    const token = await requestTimestamp({ url, trusted, outbound }, DATA);
    const at = timestampOf(token, DATA, trusted);
    expect(Math.abs(at.getTime() - certificate('tsa').validFromDate.getTime())).toBeLessThan(120_000);
    expect(timestampOf(token, DATA, [certificate('tsa')])).toEqual(at);
    writeFileSync(path('token'), token);
    writeFileSync(path('data'), DATA);
    const verdict = openssl(
      'ts',
      '-verify',
      '-data',
      'data',
      '-in',
      'token',
      '-token_in',
      '-CAfile',
      'root.pem',
    );
    expect(verdict.toString()).toContain('Verification: OK');
  });

  it('is worth nothing for other data, from another authority, or altered', async () => {
    const trusted = [certificate('root')];
    const token = await requestTimestamp({ url, trusted, outbound }, DATA);
    expect(() => timestampOf(token, Buffer.from('other'), trusted)).toThrow('is of something else');
    expect(() => timestampOf(token, DATA, [certificate('other')])).toThrow('not a trusted one');
    expect(() => timestampOf(token.subarray(0, 100), DATA, trusted)).toThrow('cannot be read');
    // The last bytes are the signature's.
    const altered = Buffer.from(token);
    altered[altered.length - 5] = (altered.at(-5) ?? 0) ^ 1;
    expect(() => timestampOf(altered, DATA, trusted)).toThrow('the signature does not verify');
  });

  it('is refused, and breaks nothing, wherever somebody alters it', async () => {
    const trusted = [certificate('root')];
    const token = await requestTimestamp({ url, trusted, outbound }, DATA);
    const codes = new Set<unknown>();
    for (let at = 0; at < token.length; at += 5) {
      const altered = Buffer.from(token);
      altered[at] = (altered[at] ?? 0) ^ 0xff;
      try {
        timestampOf(altered, DATA, trusted);
      } catch (error) {
        codes.add(error instanceof Refused ? error.code : error);
      }
    }
    expect([...codes]).toEqual(['timestamp']);
  });

  it('is refused when the authority says no, answers another request, or is none', async () => {
    const trusted = [certificate('root')];
    const honest = answer;
    const earlier: Buffer[] = [];
    answer = (query) => {
      const reply = honest(query);
      earlier.push(reply);
      return earlier[0] ?? reply;
    };
    await requestTimestamp({ url, trusted, outbound }, DATA);
    await expect(requestTimestamp({ url, trusted, outbound }, DATA)).rejects.toThrow(
      'answers another request',
    );
    answer = () => Buffer.from('30053003020102', 'hex');
    await expect(requestTimestamp({ url, trusted, outbound }, DATA)).rejects.toThrow('refused (status 2)');
    answer = () => Buffer.alloc(100_000);
    await expect(requestTimestamp({ url, trusted, outbound }, DATA)).rejects.toMatchObject({
      code: 'timestamp_server',
    });
    answer = honest;
    await expect(
      requestTimestamp({ url: 'http://127.0.0.1:1/', trusted, outbound }, DATA),
    ).rejects.toMatchObject({
      code: 'timestamp_server',
    });
  });

  it('is asked for again while the last seal has none, and verified with it', async () => {
    const trusted = [certificate('root')];
    const at = systemClock.now();
    const store = await openStore('sqlite::memory:', { now: () => at });
    const register = testRegister();
    await store.transaction((transaction) =>
      register.append(transaction, {
        transactionId: 'one',
        reference: 'one',
        at,
        kind: 'request',
        source: 'spid',
        entityId: 'unione',
        evidence: {},
      }),
    );
    const options = (server: string): SealOptions => ({
      store,
      clock: { now: () => at },
      log: createLog({ level: 'silent' }),
      signer: () => ({
        privateKey: createPrivateKey(readFileSync(path('plain.key'))),
        certificate: certificate('plain').raw.toString('base64'),
      }),
      issuer: () => 'https://x',
      timestampServer: { url: server, trusted, outbound },
    });
    const [jws = ''] = await sealHead(options('http://127.0.0.1:1/'), 'unione', register.keys.of('unione'));
    const stamp = async () => (await sealsOf(store.db, 'unione'))[0]?.timestamp;
    expect(await stamp()).toBeNull();
    await stampLast(options(url), 'unione');
    const token = await stamp();
    expect(timestampOf(token ?? Buffer.alloc(0), Buffer.from(jws), trusted).getTime()).toBeGreaterThan(0);
    await stampLast(options('http://127.0.0.1:1/'), 'unione');
    expect(await stamp()).toEqual(token);
    const faults = async (authority: string) => {
      const keys = register.keys.of('unione');
      const inspected = await inspectRegister(store.db, 'unione', keys, [], [certificate(authority)]);
      return inspected.faults.map(({ kind, detail }) => `${kind}: ${detail}`);
    };
    expect(await faults('root')).toEqual([]);
    const nothing = 'seal: its time stamp is worth nothing: the time stamp';
    expect(await faults('other')).toEqual([`${nothing} the authority is not a trusted one`]);
    const ofAnother = await requestTimestamp({ url, trusted, outbound }, DATA);
    await store.db.updateTable('register_seals').set({ timestamp: ofAnother }).execute();
    expect(await faults('root')).toEqual([`${nothing} is of something else`]);
    await store.close();
  });
});
