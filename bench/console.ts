import { consoleRoutes } from '../src/admin/console.ts';
import type { ConsoleRoom } from '../src/admin/room.ts';
import { systemClock } from '../src/operations/clock.ts';
import { openStore } from '../src/store/store.ts';
import { deskOf } from '../test/admin/fixtures.ts';
import type { Desk } from '../test/support/desk.ts';
import { startTestGateway, type TestGateway } from '../test/support/gateway.ts';
import { idOf, referenceOf, seed } from './console-seed.ts';
import { onEveryEngine } from './engines.ts';
import { machine, quantile, table } from './measure.ts';

export interface ConsoleSizes {
  readonly clients: number;
  readonly logins: number;
  readonly seconds: number;
  readonly engine: string;
}

/** What the server may take for a page, in milliseconds. */
const LIMIT_MS = 300;

/** Requests before the measured ones. */
const WARM_UP = 2;

/**
 * Every page of the console, one after the other, with much in the store: milliseconds from sending the request to the
 * last byte of the answer, on this machine. That is the server's time and a little of the client's.
 */
export async function benchConsole({ clients, logins, seconds, engine }: ConsoleSizes): Promise<string> {
  const measured = await onEveryEngine(engine, (storeUrl) => measure(storeUrl, { clients, logins, seconds }));
  const [, first] = measured[0] ?? [];
  const rows = [...(first?.keys() ?? [])].map((page) => [
    page,
    ...measured.flatMap(([, pages]) => {
      const times = pages.get(page) ?? [];
      return [quantile(times, 0.5).toFixed(0), quantile(times, 0.95).toFixed(0)];
    }),
  ]);
  const slowest = Math.max(
    ...measured.flatMap(([, pages]) => [...pages.values()].map((t) => quantile(t, 0.95))),
  );
  return [
    `Milliseconds for a page, median and 95th percentile, with ${clients} services and ${logins} logins in the store (${machine()}):`,
    '',
    table(['page', ...measured.flatMap(([name]) => [`${name}, median`, '95 %'])], rows),
    '',
    `Slowest: ${slowest.toFixed(0)} ms; allowed: ${LIMIT_MS} ms.`,
  ].join('\n');
}

async function measure(
  storeUrl: string,
  { clients, logins, seconds }: Omit<ConsoleSizes, 'engine'>,
): Promise<ReadonlyMap<string, number[]>> {
  const gateway = await startTestGateway({ clients: [], storeUrl });
  try {
    const store = await openStore(gateway.configuration.store.url, systemClock);
    await seed(store, { clients, logins, provider: gateway.providers[0] });
    await store.close();
    const anna = await deskOf(gateway, 'anna.rossi', 'union-administrator');
    const times = new Map<string, number[]>();
    for (const [name, open] of pagesOf(gateway, anna, clients, logins)) {
      const taken: number[] = [];
      const until = performance.now() + seconds * 1000;
      for (let at = 0; at < WARM_UP + 5 || performance.now() < until; at++) {
        const before = performance.now();
        const { status } = await open();
        if (status !== 200) throw new Error(`${name}: ${status}`);
        if (at >= WARM_UP) taken.push(performance.now() - before);
      }
      times.set(name, taken);
    }
    return times;
  } finally {
    await gateway.stop();
  }
}

type Open = () => Promise<{ readonly status: number }>;

/** The pages of the route list that a union administrator opens, and searches on them. */
function pagesOf(gateway: TestGateway, anna: Desk, clients: number, logins: number): [string, Open][] {
  const service = idOf(Math.trunc(clients / 2));
  const filled = (path: string) =>
    path.replace(':id', path.startsWith('/services') ? service : 'unione').replace(':version', '1');
  const query: Readonly<Record<string, string>> = {
    '/providers/provider': `?id=${encodeURIComponent(gateway.providers[0])}`,
  };
  const pages = consoleRoutes({ federation: {} } as ConsoleRoom)
    .filter(
      ({ method, path, operation }) =>
        method === 'GET' && operation !== 'register.consult' && !/\/(xml|csv)$/.test(path),
    )
    .map(({ path }): [string, Open] => [
      `\`${path}\``,
      () => anna.get(`/admin${filled(path)}${query[path] ?? ''}`),
    ]);
  const search = async () => {
    const { csrf } = await anna.get('/admin/trace');
    return () => anna.post('/admin/trace', { csrf, reference: referenceOf(Math.trunc(logins / 2)) });
  };
  let found: Promise<Open> | undefined;
  return [
    ...pages,
    ['`/services`, a page in the middle', () => anna.get(`/admin/services?after=${service}`)],
    ['`/services`, search that finds one', () => anna.get(`/admin/services?q=${service}`)],
    ['`/services`, search that finds none', () => anna.get('/admin/services?q=nowhere')],
    ['`/logins` of one service', () => anna.get(`/admin/logins?service=${service}`)],
    ['`/logins`, the hundredth page of services', () => anna.get('/admin/logins?page=100')],
    [
      '`/trace`, search by reference',
      async () => {
        found ??= search();
        return (await found)();
      },
    ],
  ];
}
