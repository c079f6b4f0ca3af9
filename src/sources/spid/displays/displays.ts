import { createHash } from 'node:crypto';
import type { Clock } from '../../../operations/clock.ts';
import { Refused, Unavailable } from '../../../operations/errors.ts';
import type { Log } from '../../../operations/log.ts';
import type { Outbound } from '../../../operations/outbound.ts';
import type { Store } from '../../../store/store.ts';
import { fetchFile, limited } from '../federation/fetch.ts';
import { readDisplayList, type ListedDisplay } from './list.ts';
import { LARGEST_LOGO, rasterised } from './logo.ts';

/** Where logos are served, by the hash of what is in them. */
export const LOGO_PATH = '/spid/logos';

/** The list has a dozen entries: far more is something else. In bytes. */
const LARGEST_LIST = 256 * 1024;

/** How long the list and each logo may take, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** How long a logo is shown before it is looked at again, in milliseconds. */
const LOGO_MS = 24 * 60 * 60 * 1000;

interface Shown {
  readonly name: string | null;
  readonly logoUri: string | null;
  readonly logoHash: string | null;
  readonly logoAt: number | null;
}

export interface DisplayOptions {
  /** AgID's list for buttons. */
  readonly url: string;
  /** A gateway on a loopback address may find logos there. */
  readonly trial: boolean;
  readonly outbound: Outbound;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Names and logos of providers as AgID's unsigned list has them: for buttons, and for nothing else. Who is a provider,
 * where it is and what it signs with is decided without them. What was good once is shown until something better comes.
 */
export class ProviderDisplays {
  readonly #options: DisplayOptions;
  #shown: ReadonlyMap<string, Shown> = new Map();

  constructor(options: DisplayOptions) {
    this.#options = options;
  }

  nameOf(entityId: string): string | undefined {
    return this.#shown.get(entityId)?.name ?? undefined;
  }

  /** Path of the logo; it changes when the logo does. */
  logoOf(entityId: string): string | undefined {
    const hash = this.#shown.get(entityId)?.logoHash;
    return hash ? `${LOGO_PATH}/${hash}.png` : undefined;
  }

  /** The PNG behind a path. */
  async logo(hash: string): Promise<Uint8Array | undefined> {
    const row = await this.#options.store.db
      .selectFrom('provider_displays')
      .select('logo')
      .where('logo_hash', '=', hash)
      .executeTakeFirst();
    return row?.logo ?? undefined;
  }

  /** Takes up what is stored, by this process or another. */
  async load(): Promise<void> {
    const rows = await this.#options.store.db
      .selectFrom('provider_displays')
      .select(['entity_id', 'name', 'logo_uri', 'logo_hash', 'logo_at'])
      .execute();
    this.#shown = new Map(
      rows.map((row) => [
        row.entity_id,
        { name: row.name, logoUri: row.logo_uri, logoHash: row.logo_hash, logoAt: row.logo_at },
      ]),
    );
  }

  /**
   * Looks at the list, and at the logos of these providers where they are new or were last seen a day ago. Trouble of any
   * kind leaves everything as it was, and is logged.
   */
  async refresh(entityIds: readonly string[]): Promise<void> {
    const { url, outbound, log } = this.#options;
    await this.load();
    try {
      const fetched = await fetchFile(
        outbound,
        url,
        { etag: null, lastModified: null },
        { timeoutMs: TIMEOUT_MS, bytes: LARGEST_LIST },
      );
      const listed = readDisplayList(fetched?.bytes ?? Buffer.alloc(0));
      const ours = listed.filter(({ entityId }) => entityIds.includes(entityId));
      await Promise.all(ours.map((display) => this.#take(display)));
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof Refused)) throw error;
      log.event({ event: 'display_refused', code: error.code, problem: error.message });
    }
    await this.load();
  }

  async #take({ entityId, name, logoUri }: ListedDisplay): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now().getTime();
    const shown = this.#shown.get(entityId);
    const isFresh = shown?.logoUri === (logoUri ?? null) && now - (shown?.logoAt ?? 0) < LOGO_MS;
    const logo = isFresh || logoUri === undefined ? undefined : await this.#fetchLogo(entityId, logoUri);
    const columns = {
      name: name ?? null,
      logo_uri: logoUri ?? null,
      ...(isFresh ? {} : { logo_at: now }),
      ...(logo ? { logo, logo_hash: createHash('sha256').update(logo).digest('hex') } : {}),
      ...(logoUri === undefined ? { logo: null, logo_hash: null } : {}),
    };
    await store.db
      .insertInto('provider_displays')
      .values({ entity_id: entityId, logo: null, logo_hash: null, logo_at: null, ...columns })
      .onConflict((conflict) => conflict.column('entity_id').doUpdateSet(columns))
      .execute();
  }

  async #fetchLogo(provider: string, url: string): Promise<Buffer | undefined> {
    const { trial, outbound, log } = this.#options;
    const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
    try {
      const response = await (
        trial ? outbound.fetchFrom(url, request) : outbound.fetchPublic(url, request)
      ).catch((cause: unknown) => {
        if (cause instanceof Unavailable) throw cause;
        throw new Unavailable('logo_unreachable', 'the logo cannot be fetched', { cause });
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Unavailable('logo_unreachable', `the logo was answered with ${response.status}`);
      }
      return await rasterised(await limited(response, LARGEST_LOGO));
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof Refused)) throw error;
      log.event({ event: 'display_refused', provider, code: error.code, problem: error.message });
      return undefined;
    }
  }
}
