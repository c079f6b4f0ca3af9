import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { describe, expect, it } from 'vitest';
import { loadAssets } from '../../src/web/static/assets.ts';
import { serve } from './server.ts';

const FOLDER = resolve(import.meta.dirname, '../../src/web/static/assets');
const assets = loadAssets();

function start(): Promise<string> {
  const app = new Koa();
  app.use(assets.middleware);
  return serve(app);
}

/** A request as written: fetch would tidy the path and undo the compression. */
async function get(url: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>(
    (done, fail) => {
      const { hostname, port } = new URL(url);
      request({ hostname, port, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      })
        .on('error', fail)
        .end();
    },
  );
}

describe('assets', () => {
  it('are served as they are in the folder, for ever, with their type', async () => {
    const url = await start();
    for (const name of await readdir(FOLDER)) {
      const { status, headers, body } = await get(url, assets.url(name));
      expect(status, name).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-type'], name).not.toBe('application/octet-stream');
      expect(body.equals(await readFile(join(FOLDER, name))), name).toBe(true);
    }
  });

  it("have SPID's logo among them, byte by byte as in AgID's package", async () => {
    const { body } = await get(await start(), assets.url('spid-logo.svg'));
    const original = import.meta.resolve('spid-smart-button/dist/img/spid-logo.svg');
    expect(body.equals(await readFile(fileURLToPath(original)))).toBe(true);
  });

  it('are compressed as well as the browser can take it', async () => {
    const url = await start();
    const name = 'bootstrap-italia.css';
    const plain = await readFile(join(FOLDER, name));
    const best = await get(url, assets.url(name), { 'accept-encoding': 'gzip, deflate, br' });
    expect(best.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' });
    expect(brotliDecompressSync(best.body).equals(plain)).toBe(true);
    const older = await get(url, assets.url(name), { 'accept-encoding': 'gzip' });
    expect(gunzipSync(older.body).equals(plain)).toBe(true);
    const font = await get(url, assets.url('titillium-web-600.woff2'), { 'accept-encoding': 'gzip, br' });
    expect(font.headers).not.toHaveProperty('content-encoding');
  });

  it('are not sent again to who has them', async () => {
    const url = await start();
    const { headers } = await get(url, assets.url('site.css'));
    const again = await get(url, assets.url('site.css'), { 'if-none-match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('have the icon where browsers look for one without being told', async () => {
    const icon = await get(await start(), '/favicon.ico');
    expect([icon.status, icon.headers['content-type'], icon.headers['cache-control']]).toEqual([
      200,
      'image/svg+xml',
      'public, max-age=86400',
    ]);
    expect(icon.body.equals(await readFile(join(FOLDER, 'icon.svg')))).toBe(true);
  });

  it('are nothing but the files of the folder', async () => {
    const url = await start();
    const folder = assets.url('site.css').replace('site.css', '');
    for (const path of [
      `${folder}../assets.ts`,
      `${folder}..%2fassets.ts`,
      `${folder}%2e%2e/assets.ts`,
      `${folder}constructor`,
      folder,
      '/assets/000000000000/site.css',
    ]) {
      expect((await get(url, path)).status, path).toBe(404);
    }
    expect(() => assets.url('nothing.css')).toThrow('nothing.css');
  });

  it('are small, and their style sheet is whole', async () => {
    const sizes = (await readdir(FOLDER)).map((name) => statSync(join(FOLDER, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
    const css = await readFile(join(FOLDER, 'bootstrap-italia.css'), 'utf8');
    expect(css).not.toContain('\ufeff');
    expect(css).toMatch(/Bootstrap Italia[\s\S]*BSD-3-Clause/);
    expect(css).not.toMatch(/url\((?!["']?data:image\/svg)/);
    const site = await readFile(join(FOLDER, 'site.css'), 'utf8');
    expect(site).toBe(await readFile(join(FOLDER, '../site.css'), 'utf8'));
    for (const [, file] of site.matchAll(/url\('([^']+)'\)/g)) expect(await readdir(FOLDER)).toContain(file);
  });
});
