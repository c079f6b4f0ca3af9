import { chromium as playwright, type Browser } from 'playwright-core';

/** Nothing that phones home, and no sandbox: tests run as root in containers, and load only our own pages. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A real Chromium: the system's where CHROMIUM_PATH names one, else the one that came with npm. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: process.env.CHROMIUM_PATH ?? (await packagedChromium()),
    args: ARGUMENTS,
  });
}

/** It brings the libraries it needs, but unpacks them only when it believes to be in such an environment. */
async function packagedChromium(): Promise<string> {
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
}
