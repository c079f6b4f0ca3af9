import { expect, it, onTestFinished } from 'vitest';
import { Driver } from '../../src/demo/driver.ts';
import { startDemoAnywhere } from '../support/demo.ts';

it('the demo’s identity provider answers by itself where it is told for whom', async () => {
  const demo = await startDemoAnywhere({ automatic: 'anna.rossi' });
  onTestFinished(() => demo.stop());
  const browser = new Driver();
  await browser.visit('open the service', demo.suapUrl);
  await browser.click('press "Accedi"', 'Accedi');
  await browser.press('choose the provider', demo.identityProviderUrl);
  await browser.press('send the request');
  await browser.press('send the response');
  const result = await browser.visit('read the claims', `${demo.suapUrl}/me.json`);
  expect(JSON.parse(result.html)).toMatchObject({ userinfo: { name: 'Anna Rossi' } });
});
