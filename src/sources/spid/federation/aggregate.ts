import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../operations/clock.ts';
import { Misconfigured, Refused, Unavailable } from '../../../operations/errors.ts';
import type { Log } from '../../../operations/log.ts';
import type { Outbound } from '../../../operations/outbound.ts';
import type { Store } from '../../../store/store.ts';
import { readIdentityProviders, type IdentityProvider, type ReadMetadata } from '../provider-metadata.ts';
import { fetchFile, LARGEST_AGGREGATE, type Fetched } from './fetch.ts';
import { objections, objectionText, withPrevious, type Objection } from './guard.ts';
import { PinsAltered } from './pin-record.ts';
import type { RegistryPins } from './pins.ts';
import { RegistryVersions } from './versions.ts';

export interface RegistryOptions {
  readonly url: string;
  readonly outbound: Outbound;
  /** Whose signature makes the file AgID's. */
  readonly pins: RegistryPins;
  readonly refreshMs: number;
}

/** How a look at the registry ended. Whatever it brought, what works goes on working. */
export interface Looked {
  readonly outcome: 'unchanged' | 'changed' | 'refused' | 'unreachable';
  /** Why it was refused, or what is the matter with the registry; for operators. */
  readonly problem?: string;
  /** Stable, where there is a problem. */
  readonly code?: string;
  /** What there is against a file that AgID did sign (`registry_doubtful`). */
  readonly objections?: readonly Objection[];
}

/** The registry's file is AgID's, and not to be used all the same. */
class Doubtful extends Refused {
  readonly objections: readonly Objection[];

  constructor(against: readonly Objection[]) {
    super('registry_doubtful', against.map(objectionText).join('; '));
    this.objections = against;
  }
}

/** Whoever signed the registry's file, it was nobody whose certificate is pinned. */
class UnknownSigner extends Misconfigured {
  constructor(fingerprint: string | undefined) {
    const whose =
      fingerprint === undefined ? '' : `; it is signed with the certificate SHA-256 ${fingerprint}`;
    super('metadata_signature', `the metadata is not signed by a trusted signer${whose}`);
  }
}

interface InUse {
  readonly seq: number;
  readonly providers: readonly IdentityProvider[];
  readonly creationInstant: Date | undefined;
  /** Of single providers in it. */
  readonly problems: readonly string[];
}

/** The registry's signed file: fetched, verified before anything of it is read, weighed, kept (spid-registry-and-idps, 1.3). */
export class RegistryAggregate {
  readonly #options: RegistryOptions;
  readonly #versions: RegistryVersions;
  readonly #clock: Clock;
  readonly #log: Log;
  #inUse: InUse | undefined;

  constructor(
    options: RegistryOptions,
    { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
  ) {
    this.#options = options;
    this.#versions = new RegistryVersions(store, options.url);
    this.#clock = clock;
    this.#log = log;
  }

  get inUse(): InUse | undefined {
    return this.#inUse;
  }

  /** When the registry last gave or confirmed what is in use. */
  async confirmedAt(): Promise<Date | undefined> {
    return (await this.#versions.lastCheck()).confirmedAt;
  }

  /** Whether it is this process's turn to look. */
  isDue(): Promise<boolean> {
    return this.#versions.claimCheck(this.#clock.now(), this.#options.refreshMs);
  }

  /** Takes up a newer file that another process has stored. @returns whether there was one */
  async follow(): Promise<boolean> {
    if ((await this.#versions.newest()) === this.#inUse?.seq) return false;
    return this.load();
  }

  /**
   * Puts the newest stored file in use that still verifies; a bad entity in it is as it was in the newest older one
   * that had it good.
   * @returns whether that is another one than before
   */
  async load(): Promise<boolean> {
    const signers = await this.#signers();
    if (!signers) return false;
    const stored = await this.#versions.all();
    for (const [at, { seq, bytes }] of stored.entries()) {
      if (seq === this.#inUse?.seq) return false;
      const metadata = this.#trusted(bytes, signers);
      if (!metadata) continue;
      const older =
        metadata.leftOut.length > 0
          ? stored.slice(at + 1).flatMap((one) => this.#trusted(one.bytes, signers)?.providers ?? [])
          : [];
      const providers = withPrevious(metadata, (entityId) =>
        older.find((provider) => provider.entityId === entityId),
      );
      for (const problem of metadata.problems)
        this.#log.event({ event: 'metadata_problem', file: 'registry', problem });
      const { creationInstant, problems } = metadata;
      this.#inUse = { seq, providers, creationInstant, problems };
      return true;
    }
    return false;
  }

  /** Asks the registry. Trouble of any kind leaves everything as it was, and is logged. */
  async look(timeoutMs: number): Promise<Looked> {
    try {
      const { etag, lastModified } = await this.#versions.lastCheck();
      // Without a file in use there is nothing that could be unchanged.
      const known = this.#inUse ? { etag, lastModified } : { etag: null, lastModified: null };
      const limits = { timeoutMs, bytes: LARGEST_AGGREGATE };
      return await this.#take(await fetchFile(this.#options.outbound, this.#options.url, known, limits));
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.#log.event({ event: 'registry_refused', code: error.code, problem: error.message });
      return {
        outcome: error instanceof Unavailable && !(error instanceof PinsAltered) ? 'unreachable' : 'refused',
        problem: error.message,
        code: error.code,
        ...(error instanceof Doubtful ? { objections: error.objections } : {}),
      };
    }
  }

  async #take(fetched: Fetched): Promise<Looked> {
    const now = this.#clock.now();
    if (!fetched) {
      await this.#versions.confirm(now);
      return { outcome: 'unchanged' };
    }
    const candidate = await this.#verified(fetched.bytes);
    // Against the newest, which another process may have put in use a moment ago: nobody leads us back behind it.
    await this.follow();
    const against = objections(this.#inUse, candidate, now);
    if (against.length > 0) throw new Doubtful(against);
    await this.#versions.activate(fetched.bytes, candidate.creationInstant, now);
    await this.#versions.confirm(now, fetched);
    return { outcome: (await this.load()) ? 'changed' : 'unchanged' };
  }

  /** @throws UnknownSigner, and those of readIdentityProviders */
  async #verified(bytes: Uint8Array): Promise<ReadMetadata> {
    const { pins } = this.#options;
    const signers = await pins.signers();
    try {
      return readIdentityProviders(bytes, signers);
    } catch (error) {
      if (!(error instanceof Misconfigured)) throw error;
      throw new UnknownSigner((await pins.noteRefused(bytes))?.fingerprint256);
    }
  }

  /** Undefined where what was decided on them cannot be relied on: then nothing is put in use. */
  async #signers(): Promise<readonly KeyObject[] | undefined> {
    try {
      return await this.#options.pins.signers();
    } catch (error) {
      if (error instanceof PinsAltered) return undefined;
      throw error;
    }
  }

  #trusted(bytes: Uint8Array, signers: readonly KeyObject[]): ReadMetadata | undefined {
    try {
      return readIdentityProviders(bytes, signers);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      this.#log.event({ event: 'registry_refused', code: error.code, problem: 'a stored file is not used' });
      return undefined;
    }
  }
}

/** What a registry can do wrong; anything else is our own fault. */
function isTrouble(error: unknown): error is Unavailable | Refused | Misconfigured {
  return error instanceof Unavailable || error instanceof Refused || error instanceof Misconfigured;
}
