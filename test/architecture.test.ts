import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/**
 * Rooms by height. A file may import from its own height or below, never above. See docs/adr/0001.
 */
const HEIGHTS: readonly (readonly string[])[] = [
  ['main', 'cli', 'demo', 'selfcheck'],
  ['gateway'],
  ['config'],
  ['admin', 'accesses'],
  ['login', 'web', 'portal'],
  ['sources', 'provider'],
  ['entities', 'clients', 'register', 'audit', 'figures'],
  ['saml', 'identity', 'keys'],
  ['store', 'operations'],
];

/** Files that may cross the rule, with the reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([]);

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(SRC, from), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    from,
    to: relative(SRC, resolve(SRC, dirname(from), match[1] ?? '')),
  }));
});

const room = (file: string): string => file.split('/')[0]?.replace(/\.ts$/, '') ?? '';
const height = (file: string): number => HEIGHTS.findIndex((rooms) => rooms.includes(room(file)));
const shown = ({ from, to }: Import): string => `${from} → ${to}`;

describe('architecture', () => {
  it('gives every file a room', () => {
    expect(files.filter((file) => height(file) < 0)).toEqual([]);
  });

  it('imports downward only', () => {
    const upward = imports.filter(({ from, to }) => height(to) < height(from) && !EXCEPTIONS.has(from));
    expect(upward.map(shown)).toEqual([]);
  });

  it('keeps identity sources apart from each other', () => {
    const sideways = imports.filter(({ from, to }) => {
      const [fromSource, toSource] = [from, to].map((file) => /^sources\/([^/]+)\//.exec(file)?.[1]);
      return fromSource && toSource && fromSource !== toSource;
    });
    expect(sideways.map(shown)).toEqual([]);
  });

  it('lets only the provider room use oidc-provider, and only the store room use a database driver', () => {
    const users = (library: RegExp) =>
      files.filter((file) => library.test(readFileSync(join(SRC, file), 'utf8')));
    expect(users(/from 'oidc-provider'/).filter((file) => room(file) !== 'provider')).toEqual([]);
    expect(users(/from '(pg|node:sqlite)'/).filter((file) => room(file) !== 'store')).toEqual([]);
  });

  it('keeps SPID out of the SAML room and SAML out of the login room', () => {
    const bad = imports.filter(
      ({ from, to }) => (room(from) === 'login' || room(from) === 'provider') && room(to) === 'saml',
    );
    expect(bad.map(shown)).toEqual([]);
    expect(
      imports.filter(({ from, to }) => room(from) === 'login' && to.startsWith('sources/spid')).map(shown),
    ).toEqual([]);
  });

  it("keeps the self-check's signer and documents apart from the gateway's own", () => {
    const own = /^(saml\/(?!xml\.ts)|sources|login|provider)/;
    const used = imports.filter(({ from, to }) => room(from) === 'selfcheck' && own.test(to));
    expect(used.map(shown)).toEqual([]);
  });

  it('has no circle of imports', () => {
    const graph = new Map(
      files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      if (trail.includes(file) || done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});
