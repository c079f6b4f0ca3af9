import { expect, it } from 'vitest';
import { killDrill } from '../support/kill-drill.ts';
import { describeStores } from '../support/stores.ts';

/** The long drill is a bench: npm run bench -- kill. */
const KILLS = 4;

describeStores('the register of a gateway that is killed under load', (openUrl) => {
  it('accounts for every code and token that anybody got, and is whole', async () => {
    const report = await killDrill(await openUrl(), KILLS);
    expect(report).toMatchObject({ kills: KILLS, unaccounted: [], faults: [] });
    expect(report.logins).toBeGreaterThan(0);
  }, 60_000);
});
