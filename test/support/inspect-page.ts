import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** A folder for pictures of every page, for whoever wants to look at them. */
const PICTURES = process.env['CONSOLE_PICTURES'];

/** One heading, nothing wider than the window at 1280 and at 320 pixels, and nothing for axe to find. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${width}.png`, fullPage: true });
    const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(wider), `${name} at ${width}`).toBeLessThanOrEqual(0);
    expect(await page.locator('h1').count(), name).toBe(1);
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`)).toEqual([]);
}
