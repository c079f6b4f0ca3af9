import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Middleware } from 'koa';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** AgID's own drawings, out of its package as they are (docs/adr/0145): nobody may draw the mark of SPID anew. */
const SPID = ['spid-logo.svg', 'spid-ico-circle-bb.svg'];

/** In the order in which we would rather send them. */
type Encoding = 'br' | 'gzip' | 'identity';

interface Asset {
  readonly type: string;
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
}

export interface Assets {
  readonly middleware: Middleware;
  /**
   * Address of an asset; changes when any asset does, so that browsers may keep it for ever.
   * @throws Error when there is no such asset: a fault of the page, not of who reads it
   */
  readonly url: (name: string) => string;
}

/** Serves the files of the folder beside this one, and SPID's, from memory: there is no path to climb out of. */
export function loadAssets(): Assets {
  const ours = join(import.meta.dirname, 'assets');
  const spid = join(
    dirname(createRequire(import.meta.url).resolve('spid-smart-button/package.json')),
    'dist/img',
  );
  const files = [
    ...readdirSync(ours)
      .sort()
      .map((name) => join(ours, name)),
    ...SPID.map((name) => join(spid, name)),
  ];
  const version = createHash('sha256');
  const assets = new Map<string, Asset>();
  for (const file of files) {
    const [name, body] = [basename(file), readFileSync(file)];
    version.update(`${name}\0${body.length}\0`).update(body);
    assets.set(name, load(name, body));
  }
  // The version is a folder, and not part of each name, so that the style sheet can name its fonts as they are.
  const digest = version.digest('hex').slice(0, 12);
  const prefix = `/assets/${digest}/`;

  return {
    url: (name) => {
      if (!assets.has(name)) throw new Error(`no asset "${name}"`);
      return prefix + name;
    },
    middleware: (ctx, next) => {
      // Browsers ask there without being told to.
      const path = ctx.path === '/favicon.ico' ? `${prefix}icon.svg` : ctx.path;
      const asset = path.startsWith(prefix) ? assets.get(path.slice(prefix.length)) : undefined;
      if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      // Ours is the order of preference: browsers name gzip first out of habit.
      const encoding =
        [...asset.bodies.keys()].find((one) => ctx.acceptsEncodings(one) === one) ?? 'identity';
      ctx.status = 200;
      ctx.type = asset.type;
      ctx.set('Cache-Control', `public, max-age=${path === ctx.path ? '31536000, immutable' : '86400'}`);
      ctx.vary('Accept-Encoding');
      ctx.etag = `${digest}-${encoding}`;
      if (encoding !== 'identity') ctx.set('Content-Encoding', encoding);
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = asset.bodies.get(encoding);
      return undefined;
    },
  };
}

function load(name: string, body: Buffer): Asset {
  const extension = extname(name);
  const bodies = new Map<Encoding, Buffer>();
  // Fonts are compressed already.
  if (extension !== '.woff2') bodies.set('br', brotliCompressSync(body)).set('gzip', gzipSync(body));
  bodies.set('identity', body);
  return { type: TYPES[extension] ?? 'application/octet-stream', bodies };
}
