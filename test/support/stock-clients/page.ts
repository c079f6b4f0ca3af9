import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { blockOfTheGuide } from './guide.ts';

const MODULES = join(import.meta.dirname, '../../../node_modules');
const LIBRARIES = {
  'oidc-client-ts': 'oidc-client-ts/dist/esm/oidc-client-ts.js',
  'jwt-decode': 'jwt-decode/build/esm/index.js',
};
const IMPORTS = Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, `/${name}.js`]));

/** A page that shows who is there; what its script does is in `manager` for whoever looks at it. */
const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<output></output>
<script type="module">
  import * as service from '/service.js';
  Object.assign(globalThis, service);
  const user = await service.user();
  document.querySelector('output').textContent = user ? JSON.stringify(user.profile) : 'nobody';
</script>`;

/**
 * A single-page application as docs/services.md has it, on a port of this machine.
 * @param change what a test writes otherwise
 */
export async function startPage(
  { issuer, id, port }: { issuer: string; id: string; port: number },
  change: (script: string) => string = (script) => script,
): Promise<{ url: string; stop(): void }> {
  const url = `http://127.0.0.1:${port}/`;
  const files: Readonly<Record<string, string>> = {
    '/': PAGE,
    '/service.js': change(blockOfTheGuide('js'))
      .replaceAll('https://accesso.unione.example.it', issuer)
      .replaceAll('https://sportello.unione.example.it/', url)
      .replaceAll("'sportello'", `'${id}'`),
    ...Object.fromEntries(
      Object.entries(LIBRARIES).map(([name, file]) => [
        `/${name}.js`,
        readFileSync(join(MODULES, file), 'utf8'),
      ]),
    ),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    response.setHeader('Content-Type', pathname === '/' ? 'text/html; charset=utf-8' : 'text/javascript');
    response.end(files[pathname] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url, stop: () => void server.close() };
}
