import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../operations/clock.ts';
import { Misconfigured } from '../../../operations/errors.ts';
import type { Log } from '../../../operations/log.ts';
import type { Store } from '../../../store/store.ts';
import { IdentityProviders, type SwitchedOff } from '../registry.ts';
import type { ProviderDisplays } from '../displays/displays.ts';
import { RegistryAggregate, type Looked, type RegistryOptions } from './aggregate.ts';
import { changes, type Change } from './changes.ts';
import { mergeReadings, readDirectory, type DirectoryReading, type MetadataProblem } from './directory.ts';
import type { RegistryPins } from './pins.ts';
import { ProviderSwitches } from './switches.ts';
import { stalenessWarnings, type Warning } from './warnings.ts';

export interface FederationOptions {
  /** AgID's registry; undefined when the providers come from files alone. */
  readonly registry: RegistryOptions | undefined;
  /** How providers are shown; undefined when there is no list of that. */
  readonly displays?: ProviderDisplays | undefined;
  readonly directory: { readonly path: string; readonly signers: readonly KeyObject[] | undefined };
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Refreshed extends Looked {
  readonly changes: readonly Change[];
}

/** How long the registry may take, in milliseconds; a citizen who waits for it waits less. */
const TIMEOUT_MS = 20_000;
const HASTY_TIMEOUT_MS = 4_000;

/** A provider's failing signatures make us look again this often at most, in milliseconds. */
const ASK_AGAIN_MS = 5 * 60 * 1000;

/** How often files are read again where no registry says how often, in milliseconds. */
const FILES_MS = 60 * 60 * 1000;

/**
 * Who belongs to SPID: reads the registry and the files, keeps the last good state, puts it into `providers` in one go,
 * and tells operators what changed and what needs them (spid-registry-and-idps, 1.3).
 */
export class Federation {
  readonly providers: IdentityProviders;
  readonly switches: ProviderSwitches;
  /** How the providers are shown, where there is a list of that. */
  readonly displays: ProviderDisplays | undefined;
  readonly #options: FederationOptions;
  readonly #registry: RegistryAggregate | undefined;
  readonly #asked = new Map<string, number>();
  readonly #said = new Set<string>();
  #files: DirectoryReading = new Map();
  #fileProblems: readonly MetadataProblem[] = [];
  #doubles: readonly MetadataProblem[] = [];
  #filesReadAt = 0;
  #running: Promise<Refreshed> | undefined;

  constructor(options: FederationOptions) {
    this.#options = options;
    this.switches = new ProviderSwitches(options.store);
    this.displays = options.displays;
    this.#registry = options.registry && new RegistryAggregate(options.registry, options);
    this.providers = new IdentityProviders((entityId) => this.#askAgain(entityId));
  }

  /**
   * Starts from the last good state; asks the registry at once only where there is none.
   * @throws Misconfigured `providers_missing` when the directory cannot be read and there is no registry
   */
  async load(): Promise<void> {
    this.#readFiles();
    await this.#registry?.load();
    this.#publish();
    this.providers.switchOff(await this.switches.all());
    await this.displays?.load();
    if (this.#registry && !this.#registry.inUse) await this.refresh();
    this.#options.log.event({ event: 'providers_loaded', count: this.providers.all().length });
    await this.#say();
  }

  /** Takes up what other processes decided, and looks at the registry when it is time. To be called every few seconds. */
  async follow(): Promise<void> {
    const { clock, registry } = this.#options;
    await this.followSwitches();
    await this.displays?.load();
    if (await this.#registry?.follow()) this.#publish();
    if (await this.#registry?.isDue()) {
      await this.refresh();
      await this.refreshDisplays();
    } else if (clock.now().getTime() - this.#filesReadAt >= (registry?.refreshMs ?? FILES_MS)) {
      this.#readFiles();
      this.#publish();
    }
    await this.#say();
  }

  /** Looks now, at files and registry. Several callers share one look. */
  refresh(timeoutMs = TIMEOUT_MS): Promise<Refreshed> {
    this.#running ??= this.#refresh(timeoutMs).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Looks now how the providers are to be shown. */
  async refreshDisplays(): Promise<void> {
    await this.displays?.refresh(this.providers.all().map(({ entityId }) => entityId));
  }

  /** Whether AgID's registry is asked, or files are all there is. */
  get hasRegistry(): boolean {
    return this.#registry !== undefined;
  }

  /** Whose signature makes the registry's list AgID's; undefined where files are all there is. */
  get pins(): RegistryPins | undefined {
    return this.#options.registry?.pins;
  }

  /** Takes up the kill switches as they are now, here and not only at the next look. */
  async followSwitches(): Promise<void> {
    this.#switch(await this.switches.all());
  }

  /** What of the files and of the registry's list is not used as it stands, and why. */
  get problems(): readonly MetadataProblem[] {
    const listed = this.#registry?.inUse?.problems ?? [];
    return [
      ...this.#fileProblems,
      ...this.#doubles,
      ...listed.map((problem) => ({ file: 'registry', problem })),
    ];
  }

  /** What operators should see to. */
  async warnings(): Promise<Warning[]> {
    if (!this.#registry) return [];
    const stale = stalenessWarnings(await this.#registry.confirmedAt(), this.#options.clock.now());
    return [...stale, ...((await this.pins?.warnings()) ?? [])];
  }

  /** When the registry's file in use was made, and last confirmed. */
  async registryTimes(): Promise<{
    readonly created: Date | undefined;
    readonly confirmed: Date | undefined;
  }> {
    return {
      created: this.#registry?.inUse?.creationInstant,
      confirmed: await this.#registry?.confirmedAt(),
    };
  }

  async #refresh(timeoutMs: number): Promise<Refreshed> {
    const before = this.providers.all();
    this.#readFiles();
    const looked = await this.#registry?.look(timeoutMs);
    this.#publish();
    const found = changes(before, this.providers.all());
    const result = looked ?? { outcome: found.length > 0 ? ('changed' as const) : ('unchanged' as const) };
    this.#options.log.event({ event: 'registry_looked', outcome: result.outcome, changes: found.length });
    return { ...result, changes: found };
  }

  #readFiles(): void {
    const { directory, registry, clock, log } = this.#options;
    this.#filesReadAt = clock.now().getTime();
    try {
      const { reading, problems } = readDirectory(
        directory.path,
        directory.signers,
        clock.now(),
        this.#files,
      );
      for (const problem of problems) log.event({ event: 'metadata_problem', ...problem });
      this.#files = reading;
      this.#fileProblems = problems;
    } catch (error) {
      // Whoever has the registry needs no files; and files that were there do not vanish by accident.
      if (!(error instanceof Misconfigured) || (!registry && this.#files.size === 0)) throw error;
      if (this.#files.size > 0)
        log.event({ event: 'metadata_problem', file: directory.path, problem: 'cannot be read any more' });
    }
  }

  /** Registry first: a file cannot describe a provider otherwise than AgID does. What changed is logged. */
  #publish(): void {
    const { log } = this.#options;
    const before = this.providers.all();
    const { providers, problems } = mergeReadings(this.#files, this.#registry?.inUse?.providers);
    this.providers.replace(providers);
    this.#doubles = problems;
    // At start everything is new.
    if (before.length > 0)
      for (const change of changes(before, providers)) log.event({ event: 'registry_changed', ...change });
    for (const problem of problems)
      this.#once(`${problem.file} ${problem.problem}`, () =>
        log.event({ event: 'metadata_problem', ...problem }),
      );
  }

  #switch(off: readonly SwitchedOff[]): void {
    const { log } = this.#options;
    const before = this.providers.switchedOff().map(({ entityId }) => entityId);
    this.providers.switchOff(off);
    const after = this.providers.switchedOff().map(({ entityId }) => entityId);
    for (const provider of after)
      if (!before.includes(provider)) log.event({ event: 'provider_switched', provider, state: 'off' });
    for (const provider of before)
      if (!after.includes(provider)) log.event({ event: 'provider_switched', provider, state: 'on' });
  }

  async #askAgain(entityId: string): Promise<boolean> {
    const now = this.#options.clock.now().getTime();
    const last = this.#asked.get(entityId);
    const before = this.providers.listed(entityId)?.metadataHash;
    if (before === undefined || (last !== undefined && now - last < ASK_AGAIN_MS)) return false;
    this.#asked.set(entityId, now);
    await this.refresh(HASTY_TIMEOUT_MS);
    return this.providers.listed(entityId)?.metadataHash !== before;
  }

  /** Each stage of each warning once. */
  async #say(): Promise<void> {
    for (const { stage, problem } of await this.warnings())
      this.#once(stage, () => this.#options.log.event({ event: 'federation_warning', problem }));
  }

  #once(what: string, say: () => void): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    say();
  }
}
