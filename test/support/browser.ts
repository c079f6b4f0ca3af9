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

/** A real Chromium: the system's where CHROMIUM_PATH names one, else the one that came with npm (chromium-setup.ts). */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'];
  if (!executablePath) throw new Error('CHROMIUM_PATH names no browser');
  return playwright.launch({ executablePath, args: ARGUMENTS });
}
