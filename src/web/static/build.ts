import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { PurgeCSS } from 'purgecss';

/**
 * `npm run assets`: makes src/web/static/assets out of Bootstrap Italia (a development dependency) and our own files.
 * Of its 600 KB of style only what our pages use is kept.
 */
const source = resolve(import.meta.dirname, '../..');
const target = join(import.meta.dirname, 'assets');
const bootstrap = dirname(createRequire(import.meta.url).resolve('bootstrap-italia/package.json'));

const LICENCE =
  '/*! Bootstrap Italia, Copyright Presidenza del Consiglio dei Ministri, BSD-3-Clause; reduced to what is used here */\n';

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const [purged] = await new PurgeCSS().purge({
  content: ['web', 'accesses', 'admin', 'demo'].map((room) => `${source}/${room}/**/*.ts`),
  css: [join(bootstrap, 'dist/css/bootstrap-italia.min.css')],
  fontFace: true,
  keyframes: true,
  variables: true,
});
if (!purged) throw new Error('nothing was left of the style sheet');
const css = purged.css
  .replace('\ufeff', '') // behind our first line it would belong to the first selector, and spoil it
  .replace(/@font-face\{[^}]*\}/g, '')
  .replace(/\/\*#.*?\*\//g, '');
writeFileSync(join(target, 'bootstrap-italia.css'), LICENCE + css);

const fonts = join(bootstrap, 'dist/fonts/Titillium_Web');
for (const weight of ['regular', '600', '700'])
  copy(join(fonts, `titillium-web-v10-latin-ext_latin-${weight}.woff2`), `titillium-web-${weight}.woff2`);
copy(join(fonts, 'OFL.txt'), 'titillium-web-OFL.txt');
for (const own of ['site.css', 'icon.svg', 'check-as-typed.js']) copy(join(import.meta.dirname, own), own);

/** The content only: the modes that files have inside packages are nobody's business. */
function copy(file: string, name: string): void {
  writeFileSync(join(target, name), readFileSync(file));
}
