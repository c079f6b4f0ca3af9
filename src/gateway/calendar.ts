import type { X509Certificate } from 'node:crypto';
import type { Configuration } from '../config/schema.ts';
import { calendarOn, pressing, problemOf, type CalendarEntry, type DatedEntry } from '../keys/calendar.ts';
import { certificateFacts } from '../keys/certificate.ts';
import type { KeyRing } from '../keys/directory.ts';
import { readCertificate } from '../keys/saml-keys.ts';
import { dueAt } from '../keys/schedule.ts';
import { Misconfigured } from '../operations/errors.ts';
import type { Clock } from '../operations/clock.ts';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Federation } from '../sources/spid/federation/federation.ts';
import type { Pinned } from '../sources/spid/federation/pins.ts';
import { configuredPins } from './pins.ts';

type Listed = Pick<Federation['providers'], 'all'>;

/** Everything with an end that the gateway depends on: its keys, and the certificates of others. */
export class ExpiryCalendar {
  readonly #configuration: Configuration;
  readonly #keys: KeyRing;
  readonly #providers: Listed;
  readonly #pinned: () => readonly Pinned[];
  readonly #said = new Set<string>();
  #files: readonly CalendarEntry[];

  /**
   * @param pinned whose signature makes the registry's list AgID's, now; only what the configuration says unless given
   * @throws Misconfigured `keys_missing`, `keys_damaged` when a certificate that is to be watched cannot be read
   */
  constructor(
    configuration: Configuration,
    keys: KeyRing,
    providers: Listed,
    pinned: () => readonly Pinned[] = () => configuredPins(configuration),
  ) {
    this.#configuration = configuration;
    this.#keys = keys;
    this.#providers = providers;
    this.#pinned = pinned;
    this.#files = certificateFiles(configuration);
  }

  on(now: Date): readonly DatedEntry[] {
    const entries = [
      ...samlEntries(this.#keys, now),
      ...rotatedEntries(this.#keys, this.#configuration.keys.rotation, now),
      ...providerEntries(this.#providers),
      ...this.#pinned().map(({ name, certificate }) => certificateEntry('registry', name, certificate)),
      ...this.#files,
    ];
    return calendarOn(entries, now);
  }

  /** For `/health/ready`. */
  warnings(now: Date): string[] {
    return pressing(this.on(now)).map((entry) => `${entry.kind} ${entry.id}: ${problemOf(entry)}`);
  }

  /** Looks at the files again, and says each stage of each entry once. To be called every hour or so. */
  tend({ clock, log }: { readonly clock: Clock; readonly log: Log }): void {
    try {
      this.#files = certificateFiles(this.#configuration);
    } catch (error) {
      // What was read before goes on: a certificate is being replaced at this very moment, perhaps.
      if (!(error instanceof Misconfigured)) throw error;
      this.#say(`file ${error.message}`, log, {
        kind: 'certificate',
        id: error.code,
        problem: error.message,
      });
    }
    for (const entry of pressing(this.on(clock.now()))) {
      const { kind, id, fingerprint, stage } = entry;
      this.#say(`${kind} ${id} ${fingerprint} ${stage}`, log, { kind, id, problem: problemOf(entry) });
    }
  }

  #say(what: string, log: Log, problem: { kind: string; id: string; problem: string }): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    log.event({ event: 'key_problem', ...problem });
  }
}

/** When what we depend on ends, read anew every time somebody looks; of several of one name, what ends first. */
export function measureCalendar(metrics: Metrics, calendar: ExpiryCalendar, clock: Clock): void {
  metrics.beforeReading(() => {
    const latestFirst = calendar.on(clock.now()).toReversed();
    metrics.replace(
      'gateway_key_expiry_timestamp_seconds',
      latestFirst
        // Those have a metric of their own, which tells certificates of one provider apart.
        .filter(({ kind }) => kind !== 'identity-provider')
        .map(({ kind, id, ends }) => [{ kind, id }, ends.getTime() / 1000] as const),
    );
  });
}

function samlEntries({ saml }: KeyRing, now: Date): CalendarEntry[] {
  return saml.ids().flatMap((id) =>
    saml.of(id).map(({ facts: { notBefore, notAfter, fingerprint } }) => ({
      kind: 'saml' as const,
      id,
      ends: notAfter,
      begins: notBefore,
      fingerprint,
      // What has ended beside a newer one waits to be retired.
      followed: notAfter <= now && saml.newest(id).facts.notAfter > now,
    })),
  );
}

const DAY_MS = 24 * 60 * 60 * 1000;

function rotatedEntries(
  { rotating }: KeyRing,
  rotation: Configuration['keys']['rotation'],
  now: Date,
): CalendarEntry[] {
  const facts = rotating.facts(now);
  return facts.flatMap((turn) => {
    if (turn.state !== 'signs') return [];
    const next = facts.find(({ use, state }) => use === turn.use && state === 'published');
    const ends = next?.from ?? dueAt(turn, rotation);
    // The next one appears with the whole notice; a day later something is in its way.
    const expected = ends.getTime() - (rotation.announceDays - 1) * DAY_MS;
    const followed = next !== undefined || (rotation.automatic && now.getTime() < expected);
    return [{ kind: turn.use === 'cookies' ? turn.use : ('oidc' as const), id: turn.id, ends, followed }];
  });
}

/** Trust does not hang on these, but a provider about to change its key is one whose logins may break. */
export function providerEntries(providers: Listed): CalendarEntry[] {
  return providers.all().flatMap(({ entityId, certificates }) => {
    const last = Math.max(...certificates.map(({ notAfter }) => notAfter.getTime()));
    return certificates.map(({ notAfter, fingerprint }) => ({
      kind: 'identity-provider' as const,
      id: entityId,
      ends: notAfter,
      fingerprint,
      followed: notAfter.getTime() < last,
    }));
  });
}

function certificateFiles({ keys, register, sources }: Configuration): CalendarEntry[] {
  const read = (kind: CalendarEntry['kind']) => (file: string) =>
    certificateEntry(kind, file, readCertificate(file));
  return [
    ...sources.spid.identityProviders.trustedSigners.map(read('registry')),
    ...(register.seals.timestampServer?.certificates ?? []).map(read('timestamp')),
    ...keys.watch.map(read('certificate')),
  ];
}

function certificateEntry(
  kind: CalendarEntry['kind'],
  id: string,
  certificate: X509Certificate,
): CalendarEntry {
  const { notAfter, notBefore, fingerprint } = certificateFacts(certificate);
  return { kind, id, ends: notAfter, begins: notBefore, fingerprint, followed: false };
}
