import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where it looks for fonts: it brings none, and a browser without a single one shows no text at all, not even ours. */
const FONTS = join(tmpdir(), 'fonts');
const FONT = 'titillium-web-v10-latin-ext_latin-regular.ttf';

/**
 * Unpacks the Chromium that came with npm, once for all test files: several at a time would unpack over each other.
 * Nothing to do where CHROMIUM_PATH names one.
 */
export default async function unpackChromium(): Promise<void> {
  if (process.env['CHROMIUM_PATH']) return;
  // It brings the libraries it needs, but unpacks them only when it believes to be in such an environment.
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  let path = await chromium.executablePath();
  if (!runs(path)) {
    // What an interrupted run left behind is taken for the whole.
    rmSync(path);
    path = await chromium.executablePath();
  }
  const design = dirname(createRequire(import.meta.url).resolve('bootstrap-italia/package.json'));
  copyFileSync(join(design, 'src/fonts/Titillium_Web', FONT), join(FONTS, FONT));
  process.env['CHROMIUM_PATH'] = path;
}

function runs(path: string): boolean {
  try {
    execFileSync(path, ['--version', '--no-sandbox'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
