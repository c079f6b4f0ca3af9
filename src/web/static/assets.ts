import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Middleware } from 'koa';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly brotli: Buffer | undefined;
}

export interface Assets {
  readonly middleware: Middleware;
  /** Address of an asset; changes when any asset does, so that browsers may keep it for ever. */
  readonly url: (name: string) => string;
}

/** Serves the files beside this one from memory: there is no path to climb out of. */
export function loadAssets(): Assets {
  const directory = join(import.meta.dirname, 'assets');
  const files = readdirSync(directory).sort();
  const assets = new Map(files.map((name) => [name, load(join(directory, name))]));
  const version = createHash('sha256');
  for (const { body } of assets.values()) version.update(body);
  const prefix = `/assets/${version.digest('hex').slice(0, 12)}/`;

  return {
    url: (name) => {
      if (!assets.has(name)) throw new Error(`no asset "${name}"`);
      return prefix + name;
    },
    middleware: (ctx, next) => {
      const asset = ctx.path.startsWith(prefix) ? assets.get(ctx.path.slice(prefix.length)) : undefined;
      if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      ctx.type = asset.type;
      ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
      ctx.vary('Accept-Encoding');
      if (asset.brotli && ctx.acceptsEncodings('br') === 'br') {
        ctx.set('Content-Encoding', 'br');
        ctx.body = asset.brotli;
      } else {
        ctx.body = asset.body;
      }
      return undefined;
    },
  };
}

function load(file: string): Asset {
  const body = readFileSync(file);
  const extension = extname(file);
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    body,
    // Fonts are compressed already.
    brotli: extension === '.woff2' ? undefined : brotliCompressSync(body),
  };
}
