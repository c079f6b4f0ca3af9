import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';

/** Something that must not be found, by the name under which a test reports it. */
export type Canaries = ReadonlyMap<string, string>;

/** Everything that was sent and answered while it was worn, as a wiretap between browsers and the gateway hears it. */
export class Wiretap {
  /** Addresses that were asked for at the gateway, or led to. */
  readonly addresses: string[] = [];
  /** Answers of the gateway with a status of 400 or more. */
  readonly refusals: string[] = [];
  /** What providers posted. */
  readonly responses: string[] = [];
  /** Values of cookies that the gateway set, and tokens that it gave. */
  readonly secrets = new Set<string>();
  readonly #real = globalThis.fetch;

  constructor(gatewayUrl: string) {
    globalThis.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      const answer = await this.#real(input, init);
      if (!address.startsWith(gatewayUrl)) return answer;
      const posted = new URLSearchParams(typeof init?.body === 'string' ? init.body : '').get('SAMLResponse');
      if (posted) this.responses.push(posted);
      this.addresses.push(address, answer.headers.get('location') ?? '');
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value] = /^([^=]*)=([^;]*)/.exec(cookie) ?? [];
        // The id of a login, which is in its addresses too: worth nothing without the cookie that signs it.
        if (!/[-_](login|resume)$/.test(name)) this.#keep(value);
      }
      const text = await answer.clone().text();
      if (answer.status >= 400) this.refusals.push(text);
      for (const [, token] of text.matchAll(/"(?:access_token|refresh_token|id_token)":"([^"]+)"/g))
        this.#keep(token);
      return answer;
    };
  }

  takeOff(): void {
    globalThis.fetch = this.#real;
  }

  /** Short values are no secrets: `1`, the empty one that deletes a cookie. */
  #keep(value: string | undefined): void {
    if (value !== undefined && value.length >= 20) this.secrets.add(value);
  }
}

/** The names of what is in a text: as it is, escaped for URLs and HTML, in hexadecimal, or within base64. */
export function canariesIn(text: string, canaries: Canaries): string[] {
  return [...canaries].flatMap(([name, value]) =>
    disguises(value).some((disguise) => text.includes(disguise)) ? [name] : [],
  );
}

/** Every table of the database, cell by cell: where something was found, and what. */
export async function canariesInStore({ db }: Store, canaries: Canaries): Promise<string[]> {
  const found = new Set<string>();
  const tables = await db.introspection.getTables();
  for (const { name: table } of tables) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(db);
    for (const row of rows)
      for (const [column, cell] of Object.entries(row)) {
        const text = cell instanceof Uint8Array ? Buffer.from(cell).toString('latin1') : String(cell);
        for (const name of canariesIn(text, canaries)) found.add(`${table}.${column}: ${name}`);
      }
  }
  return [...found];
}

function disguises(value: string): string[] {
  const bytes = Buffer.from(value);
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The characters that also hold bits of the neighbours are left out.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  });
  const html = value.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
  const url = within.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [value, html, encodeURIComponent(value), bytes.toString('hex'), ...within, ...url];
}
