import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { compactVerify, decodeProtectedHeader, importX509 } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personaOf } from '../../src/demo/personas.ts';
import { systemClock } from '../../src/operations/clock.ts';
import { detachedSignature } from '../../src/register/package/cms.ts';
import { README } from '../../src/register/package/readme.ts';
import { browserWithin, untilClient } from '../support/gateway.ts';
import { testSigner } from '../support/register.ts';
import { startGatewayProcess, type GatewayInProcess } from '../support/gateway-process.ts';

const MAIN = resolve(import.meta.dirname, '../../src/main.ts');
const FISCAL_CODE = (personaOf('anna.rossi')?.attributes.fiscalNumber ?? '').replace('TINIT-', '');
const WHO = ['--as', 'responsabile', '--reason', 'richiesta della Procura, prot. 1234'];

const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

describe('the signed package, from the command line', () => {
  let setting: GatewayInProcess;
  let unpacked: string;
  let files: Readonly<Record<string, Uint8Array>>;

  beforeAll(async () => {
    setting = await startGatewayProcess('sqlite:gateway.db');
    await login();
    await login('giulia.verdi');
    const { status, stdout, stderr } = register(['export', ...WHO, '--person', '--out', 'anna.zip']);
    expect(stderr).toContain('codice fiscale');
    expect(status, stdout + stderr).toBe(0);
    unpacked = join(setting.directory, 'unpacked');
    files = unzipSync(readFileSync(join(setting.directory, 'anna.zip')));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(unpacked, name)), { recursive: true });
      writeFileSync(join(unpacked, name), content);
    }
  });
  afterAll(() => setting.stop());

  function login(user = 'anna.rossi') {
    const { gatewayUrl, identityProviderUrl, suapUrl } = setting;
    const query = new URLSearchParams({
      client_id: 'try-it',
      response_type: 'code',
      scope: 'openid profile',
      redirect_uri: `${suapUrl}/code`,
      code_challenge_method: 'S256',
      idp_hint: identityProviderUrl,
      state: 's',
      code_challenge: sha256('v').toString('base64url'),
    });
    const browser = browserWithin([gatewayUrl, identityProviderUrl]);
    return untilClient(async () => {
      await browser.visit('authorization request', `${gatewayUrl}/oidc/auth?${query}`);
      await browser.press('send the request');
      await browser.press('choose the persona', user);
      await browser.press('consent', user);
      await browser.press('send the response');
    });
  }

  function register(args: string[], input = `${FISCAL_CODE}\n`) {
    return spawnSync(process.execPath, [MAIN, 'register', ...args], {
      cwd: setting.directory,
      encoding: 'utf8',
      input,
    });
  }

  /** Runs the commands of LEGGIMI.txt as they stand there. @returns whether they all succeed */
  function verifies(directory: string): boolean {
    const commands = README.split('\n').filter((line) => /^ +(openssl cms|sha256sum)/.test(line));
    expect(commands).toHaveLength(2);
    return commands.every(
      (command) => spawnSync('bash', ['-c', command], { cwd: directory, stdio: 'pipe' }).status === 0,
    );
  }

  const text = (name: string) => Buffer.from(files[name] ?? []).toString('utf8');

  it('is verified by openssl and sha256sum, and no longer when anything in it was altered', () => {
    expect(verifies(unpacked)).toBe(true);
    const sums = readFileSync(join(unpacked, 'SHA256SUMS'), 'utf8');
    const listed = sums.split('\n').flatMap((line) => line.slice(66) || []);
    expect(listed.sort()).toEqual(
      Object.keys(files)
        .filter((name) => !name.startsWith('SHA256SUMS'))
        .sort(),
    );
    writeFileSync(join(unpacked, 'relazione.html'), `${text('relazione.html')} `);
    expect(verifies(unpacked)).toBe(false);
    const fitting = sha256(`${text('relazione.html')} `).toString('hex');
    writeFileSync(join(unpacked, 'SHA256SUMS'), sums.replace(/\w{64}(?= {2}relazione)/, fitting));
    expect(verifies(unpacked)).toBe(false);
    writeFileSync(join(unpacked, 'relazione.html'), text('relazione.html'));
    writeFileSync(join(unpacked, 'SHA256SUMS'), sums);
    const subject = execFileSync('openssl', ['x509', '-in', 'certificato.pem', '-noout', '-subject'], {
      cwd: unpacked,
    });
    expect(subject.toString()).toContain('organizationIdentifier');
  });

  it('has commands for the certificate, the seals, the messages and the evidence, which work as they stand there', () => {
    /** Runs the command of LEGGIMI.txt that begins so, on a file in place of the one in capitals. */
    const run = (beginning: string, change = (command: string) => command) => {
      const command = README.split('\n').find((line) => line.trim().startsWith(beginning)) ?? '';
      expect(command).not.toBe('');
      return spawnSync('bash', ['-c', change(command)], { cwd: unpacked, encoding: 'utf8' });
    };
    const { entries } = JSON.parse(text('manifest.json')) as {
      entries: { name: string; digest: string; signatures: { certificate: string }[] }[];
    };
    expect(run('grep').stdout).toMatch(/^metadata\/[\w-]+\.xml\n$/);
    const seals = () => run('for s in').stdout;
    expect(seals()).toBe(
      'Verified OK\n'.repeat(Object.keys(files).filter((name) => name.endsWith('.jws')).length),
    );
    const [seal = ''] = Object.keys(files).filter((name) => name.endsWith('.jws'));
    writeFileSync(join(unpacked, seal), text(seal).replace('.', '.x'));
    expect(seals()).toContain('NON VALIDO');
    writeFileSync(join(unpacked, seal), text(seal));
    for (const { name, digest, signatures } of entries) {
      expect(run('openssl dgst', (command) => command.replace('NOME', name)).stdout).toBe(digest);
      const [signature] = signatures;
      if (!signature) continue;
      const verified = run('xmlsec1', (command) =>
        command.replace('NOME', name).replace('IMPRONTA', signature.certificate),
      );
      expect(verified.status, verified.stderr).toBe(0);
    }
  });

  it('is verified when the certificate has expired since', async () => {
    const signed = join(setting.directory, 'expired');
    mkdirSync(signed);
    const { certificate, privateKey } = await testSigner(new Date('2015-03-05T10:00:00Z'));
    const content = Buffer.from('');
    const at = new Date('2015-03-06T10:00:00Z');
    const pem = new X509Certificate(Buffer.from(certificate, 'base64'));
    expect(pem.validToDate < systemClock.now()).toBe(true);
    writeFileSync(join(signed, 'SHA256SUMS'), content);
    writeFileSync(
      join(signed, 'SHA256SUMS.p7s'),
      detachedSignature(content, { certificate, privateKey }, at),
    );
    writeFileSync(join(signed, 'certificato.pem'), pem.toString());
    const [command = ''] = README.split('\n').filter((line) => line.trim().startsWith('openssl cms'));
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: signed, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });

  it('holds the messages as they were, and what verified each signature then', () => {
    const { entries } = JSON.parse(text('manifest.json')) as {
      entries: { name: string; kind: string; signatures: Record<string, unknown>[] }[];
    };
    expect(entries.map(({ kind }) => kind)).toEqual(['request', 'response', 'granted']);
    const signatures = entries.flatMap((entry) => entry.signatures);
    expect(signatures.map(({ element }) => element)).toEqual(['AuthnRequest', 'Response', 'Assertion']);
    for (const { outcome, verifiedThen, certificate, metadata } of signatures) {
      expect({ outcome, verifiedThen }).toEqual({ outcome: 'verifies', verifiedThen: true });
      expect(files).toHaveProperty([`certificati/${String(certificate)}.pem`]);
      expect(files).toHaveProperty([`metadata/${String(metadata)}.xml`]);
    }
    expect(text('messaggi/001-002-response.xml')).toContain(FISCAL_CODE);
    expect(Object.values(files).some((content) => Buffer.from(content).includes('GIULIA'))).toBe(false);
  });

  it('proves to anybody that each entry stood in the chain when it was sealed', async () => {
    const proofs = JSON.parse(text('catena/unione.json')) as {
      number: number;
      fields: unknown[];
      hash: string;
      seal: { file: string; index: number; size: number; path: string[] };
    }[];
    expect(proofs).toHaveLength(3);
    for (const [at, { fields, hash, seal }] of proofs.entries()) {
      expect(sha256(JSON.stringify(fields)).toString('base64url')).toBe(hash);
      const evidence = Object.keys(files).filter((name) => name.startsWith('prove/'))[at] ?? '';
      expect(sha256(files[evidence] ?? '').toString('base64url')).toBe(fields.at(-2));
      // RFC 9162, 2.1.3.2.
      let [fn, sn] = [seal.index, seal.size - 1];
      let node = sha256(Buffer.of(0), Buffer.from(hash, 'base64url'));
      for (const step of seal.path.map((value) => Buffer.from(value, 'base64url'))) {
        if (fn % 2 === 1 || fn === sn) {
          node = sha256(Buffer.of(1), step, node);
          while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
        } else node = sha256(Buffer.of(1), node, step);
        [fn, sn] = [fn >> 1, sn >> 1];
      }
      expect(sn).toBe(0);
      const jws = text(seal.file);
      const [certificate] = decodeProtectedHeader(jws).x5c ?? [];
      const pem = text('certificato.pem');
      expect(pem.replace(/-----[^-]+-----|\s/g, '')).toBe(certificate);
      const { payload } = await compactVerify(jws, await importX509(pem, 'RS256'));
      const said = JSON.parse(Buffer.from(payload).toString()) as { tree: { root: string } };
      expect(said.tree.root).toBe(node.toString('base64url'));
    }
  });

  it('has a report in Italian that needs nothing but itself', () => {
    const report = text('relazione.html');
    expect(report).toContain('lang="it"');
    for (const said of [
      'richiesta della Procura, prot. 1234',
      'responsabile',
      FISCAL_CODE,
      'ha attestato chi è l’utente',
      'codice fiscale',
      'Firma di Assertion',
      'valida, con la chiave del gestore',
      'Sigilli del registro',
    ])
      expect(report).toContain(said);
    expect(report).not.toMatch(/<(script|link|img|iframe)|url\(/);
  });

  it('is written for its owner only, never over another file, and leaves a trace without the codice fiscale', () => {
    expect(statSync(join(setting.directory, 'anna.zip')).mode & 0o077).toBe(0);
    expect(register(['export', ...WHO, '--person', '--out', 'anna.zip']).status).not.toBe(0);
    const hold = ['--reason', 'Tribunale di Pisa', '--as', 'responsabile'];
    const { stdout: placed } = register(['hold', 'place', '--entity', 'unione', ...hold]);
    expect(register(['hold', 'lift', placed.trim(), ...hold.slice(2)])).toMatchObject({
      status: 0,
      stderr: '',
    });
    const { stdout } = spawnSync(process.execPath, [MAIN, 'audit', 'export'], {
      cwd: setting.directory,
      encoding: 'utf8',
    });
    for (const action of ['register.export', 'register.hold', 'register.lift-hold', 'Tribunale di Pisa'])
      expect(stdout).toContain(action);
    expect(stdout).toContain('richiesta della Procura');
    expect(stdout).not.toContain(FISCAL_CODE);
  });

  it('comes after a search and a look that say what they need', () => {
    expect(register(['search', '--as', 'x', '--reference', 'A']).stderr).toContain('--reason');
    expect(register(['search', ...WHO.slice(2), '--reference', 'A']).stderr).toContain('--as');
    expect(register(['search', ...WHO, '--from', '2026-02-30', '--to', '2026-03-01']).stderr).toContain(
      '--from',
    );
    const found = register(['search', ...WHO, '--person', '--json']);
    const { consultation, entries } = JSON.parse(found.stdout) as {
      consultation: string;
      entries: { transactionId: string }[];
    };
    expect(entries).toHaveLength(2);
    const shown = register([
      'show',
      '--as',
      'responsabile',
      '--consultation',
      consultation,
      '--transaction',
      entries[0]?.transactionId ?? '',
    ]);
    expect(shown.stdout).toContain('<samlp:AuthnRequest');
    expect(register(['show', '--as', 'another', '--consultation', consultation]).status).toBe(1);
  });
});
