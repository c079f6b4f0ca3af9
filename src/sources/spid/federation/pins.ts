import { randomUUID, X509Certificate, type KeyObject } from 'node:crypto';
import { nameOf, type By } from '../../../audit/entry.ts';
import { AuditTrail } from '../../../audit/trail.ts';
import { FourEyes } from '../../../clients/four-eyes.ts';
import { certificateFacts, type CertificateFacts } from '../../../keys/certificate.ts';
import { CannotOpen } from '../../../keys/cipher.ts';
import type { KeyRing } from '../../../keys/directory.ts';
import type { Clock } from '../../../operations/clock.ts';
import { Refused } from '../../../operations/errors.ts';
import type { Store } from '../../../store/store.ts';
import {
  certificateOf,
  derOf,
  hasFingerprint,
  isValidOn,
  keyOf,
  readPin,
  refuseUnfit,
} from './pin-certificate.ts';
import { PinRecords, PinsAltered, type PinProposal, type PinRecord } from './pin-record.ts';
import { signerAmong, statedSigner } from './signer.ts';
import { RegistryVersions } from './versions.ts';
import type { Warning } from './warnings.ts';

/** A certificate whose signature counts. */
export interface Pinned {
  /** Where the configuration has it; of one that only the console pinned the beginning of its fingerprint. */
  readonly name: string;
  readonly certificate: X509Certificate;
}

export interface RegistryPinsOptions {
  /** The registry's address. */
  readonly url: string;
  /** What the configuration pins. */
  readonly configured: readonly Pinned[];
  readonly store: Store;
  readonly keys: Pick<KeyRing, 'cipher' | 'personHash' | 'derived'>;
  readonly clock: Clock;
}

/** A certificate as whoever decides on it has to see it. */
export interface PinCertificate extends CertificateFacts {
  readonly pem: string;
  /** Kind and size of its key: `RSA 4096`. */
  readonly key: string;
  /** Whether its key signed the newest list taken from the registry, or the one that was refused last. */
  readonly signed: 'list-in-use' | 'list-refused' | undefined;
}

export interface PinFacts extends PinCertificate {
  /** Whether the configuration pins it; if not, it was added at run time. */
  readonly configured: boolean;
  /** What the configuration pins and the console switched off counts for nothing. */
  readonly trusted: boolean;
  /** The last decision on it; undefined where the configuration alone says so. */
  readonly decided:
    { readonly proposedBy: string; readonly approvedBy: string; readonly at: Date } | undefined;
}

/** Something that waits for a second person. */
export interface WaitingPin extends PinCertificate {
  readonly id: string;
  /** Whether it is to be pinned, or to count no more. */
  readonly trusted: boolean;
  readonly author: string;
  /** A person has to propose it herself before another one can approve it. */
  readonly byProgram: boolean;
  readonly at: Date;
}

/** Everything there is to know about the certificates of a registry. */
export interface PinOverview {
  readonly pins: readonly PinFacts[];
  readonly waiting: readonly WaitingPin[];
  /** Who signed the file that was refused last, where nothing of hers counts. */
  readonly unknown: PinCertificate | undefined;
}

/** As many proposals wait at the same time. */
const MOST_WAITING = 10;

/**
 * Whose signature makes a registry's file AgID's. The configuration's certificates are the ground; two administrators
 * add others and switch any off, at run time, for every process (spid-registry-and-idps, 1.2; docs/adr/0110).
 */
export class RegistryPins {
  readonly #options: RegistryPinsOptions;
  readonly #ground: ReadonlyMap<string, Pinned>;
  readonly #records: PinRecords;
  readonly #versions: RegistryVersions;
  readonly #fourEyes: FourEyes;
  #known: readonly Pinned[];

  constructor(options: RegistryPinsOptions) {
    const { url, store, keys, clock, configured } = options;
    this.#options = options;
    this.#ground = new Map(configured.map((pin) => [derOf(pin.certificate), pin]));
    this.#records = new PinRecords({ url, store, clock, cipher: keys.cipher, trail: new AuditTrail(keys) });
    this.#versions = new RegistryVersions(store, url);
    // Always: whoever pins a certificate alone decides alone who belongs to SPID.
    this.#fourEyes = new FourEyes(true, keys.personHash);
    this.#known = [...this.#ground.values()];
  }

  /** What counts, as it was when this process last looked. */
  get known(): readonly Pinned[] {
    return this.#known;
  }

  /** The keys that may have signed the registry's file, now. @throws PinsAltered */
  async signers(): Promise<readonly KeyObject[]> {
    const record = await this.#read();
    return keysOf(this.#counting(record).values());
  }

  /** @throws PinsAltered */
  async overview(): Promise<PinOverview> {
    const record = await this.#read();
    const counting = this.#counting(record);
    const pins = new Map([...this.#ground, ...counting]);
    const waiting = record.proposals.map((proposal) => ({
      ...proposal,
      certificate: certificateOf(proposal.certificate),
    }));
    const refused = await this.#refusedSigner();
    const newest = await this.#versions.newestFile();
    const signer = newest && signerAmong(newest, keysOf([...pins.values(), ...waiting]));
    const shown = (certificate: X509Certificate): PinCertificate => ({
      ...certificateFacts(certificate),
      pem: certificate.toString(),
      key: keyOf(certificate),
      signed: signer?.equals(certificate.publicKey)
        ? 'list-in-use'
        : refused?.publicKey.equals(certificate.publicKey)
          ? 'list-refused'
          : undefined,
    });
    return {
      pins: [...pins].map(([der, { certificate }]) => ({
        ...shown(certificate),
        configured: this.#ground.has(der),
        trusted: counting.has(der),
        decided: decisionOn(record, der),
      })),
      waiting: waiting.map(({ id, trusted, author, authorKind, at, certificate }) => ({
        ...shown(certificate),
        id,
        trusted,
        author,
        byProgram: authorKind === 'client',
        at: new Date(at),
      })),
      unknown: refused && !counting.has(derOf(refused)) ? shown(refused) : undefined,
    };
  }

  /** How many proposals wait; none that could be relied on where they were altered. */
  async waiting(): Promise<number> {
    try {
      return (await this.#read()).proposals.length;
    } catch (error) {
      if (error instanceof PinsAltered) return 0;
      throw error;
    }
  }

  /**
   * Asks for a certificate to be pinned. It counts once somebody else has approved it; of two proposals on one
   * certificate the newer one stays.
   * @param pem one certificate
   * @returns the id of the proposal
   * @throws Refused `certificate_unreadable`, `certificate_weak`, `certificate_expired` (422), `pin_known`,
   *   `proposals_many`, `pins_stale` (409); PinsAltered
   */
  async proposeAdding(pem: string, by: By): Promise<string> {
    const certificate = readPin(pem, this.#options.clock.now());
    return this.#propose(await this.#read(), certificate, true, by);
  }

  /**
   * Asks for a pinned certificate to count no more.
   * @param fingerprint SHA-256, hexadecimal
   * @returns the id of the proposal
   * @throws Refused `pin_unknown` (404), `last_pin`, `pin_in_use`, `proposals_many`, `pins_stale` (409); PinsAltered
   */
  async proposeRemoving(fingerprint: string, by: By): Promise<string> {
    const record = await this.#read();
    const pins = [...this.#counting(record).values()];
    const wanted = pins.find(({ certificate }) => hasFingerprint(certificate, fingerprint));
    if (!wanted) throw pinUnknown();
    return this.#propose(record, wanted.certificate, false, by);
  }

  /**
   * A second person lets a proposal take effect: exactly the one that she has seen.
   * @param given.fingerprint SHA-256 of the certificate as she has it from AgID; needed to pin one
   * @param given.reason why an operator decides alone
   * @throws Refused `proposal_unknown` (404), `same_person`, `person_needed`, `program_proposal` (403),
   *   `fingerprint_differs` (422), and those of proposing; PinsAltered
   */
  async approve(
    id: string,
    given: { readonly fingerprint?: string | undefined; readonly reason?: string | undefined },
    by: By,
  ): Promise<void> {
    const record = await this.#read();
    const proposal = proposalIn(record, id);
    this.#refuseAuthor(proposal, by);
    const { certificate: der, trusted, author: proposedBy } = proposal;
    const certificate = certificateOf(der);
    if (trusted && !hasFingerprint(certificate, given.fingerprint ?? ''))
      throw new Refused('fingerprint_differs', 'this is not the fingerprint of the proposed certificate', {
        status: 422,
      });
    await this.#refuseUnfit(record, certificate, trusted);
    const at = this.#options.clock.now().getTime();
    const decision = { certificate: der, trusted, proposedBy, approvedBy: nameOf(by.actor), at };
    const content = {
      decisions: [...record.decisions.filter((one) => one.certificate !== der), decision],
      proposals: record.proposals.filter((one) => one.id !== id),
    };
    const action = trusted ? 'registry-pin.add' : 'registry-pin.remove';
    const after = { ...auditFacts(certificate), proposal: id, proposedBy, reason: given.reason };
    await this.#records.write(record, content, { action, after }, by);
  }

  /** Takes a proposal back, one's own or another's. @throws Refused `proposal_unknown` (404), `pins_stale` (409); PinsAltered */
  async withdraw(id: string, by: By): Promise<void> {
    const record = await this.#read();
    const { certificate } = proposalIn(record, id);
    const { decisions } = record;
    const content = { decisions, proposals: record.proposals.filter((one) => one.id !== id) };
    const after = { ...auditFacts(certificateOf(certificate)), proposal: id };
    await this.#records.write(record, content, { action: 'registry-pin.withdraw', after }, by);
  }

  /** Back to what the configuration says, where what was decided was altered. @param reason for the audit trail */
  reset(reason: string, by: By): Promise<void> {
    return this.#records.reset(reason, by);
  }

  /** Keeps in mind who signed a file that was refused. @returns her certificate, where the signature has it */
  async noteRefused(bytes: Uint8Array): Promise<X509Certificate | undefined> {
    const { keys, clock } = this.#options;
    const signer = statedSigner(bytes);
    const sealed = signer ? keys.cipher.seal(signer.raw, this.#place) : null;
    await this.#versions.noteUnknownSigner(sealed, clock.now());
    return signer;
  }

  /** What operators should see to. */
  async warnings(): Promise<Warning[]> {
    try {
      const counting = this.#counting(await this.#read());
      const refused = await this.#refusedSigner();
      return refused && !counting.has(derOf(refused)) ? [unknownSigner(refused)] : [];
    } catch (error) {
      if (!(error instanceof PinsAltered)) throw error;
      return [{ kind: 'pins-altered', stage: error.code, problem: error.message }];
    }
  }

  async #propose(record: PinRecord, certificate: X509Certificate, trusted: boolean, by: By): Promise<string> {
    await this.#refuseUnfit(record, certificate, trusted);
    const der = derOf(certificate);
    const others = record.proposals.filter((one) => one.certificate !== der);
    if (others.length >= MOST_WAITING)
      throw new Refused('proposals_many', `${MOST_WAITING} proposals wait already`, { status: 409 });
    const id = randomUUID();
    const proposal: PinProposal = {
      id,
      certificate: der,
      trusted,
      author: nameOf(by.actor),
      authorKind: by.actor.kind,
      authorHash: this.#fourEyes.authorOf(by),
      at: this.#options.clock.now().getTime(),
    };
    const content = { decisions: record.decisions, proposals: [...others, proposal] };
    const action = trusted ? 'registry-pin.propose-adding' : 'registry-pin.propose-removing';
    const after = { ...auditFacts(certificate), proposal: id };
    await this.#records.write(record, content, { action, after }, by);
    return id;
  }

  #refuseAuthor({ authorHash, authorKind }: PinProposal, by: By): void {
    this.#fourEyes.refuseAuthors(by, authorHash === undefined ? [] : [authorHash]);
    // Whoever approves may hold the very credential that it was proposed with.
    if (authorKind === 'client' && by.actor.kind === 'person')
      throw new Refused('program_proposal', 'a program proposed this: a person has to propose it herself', {
        status: 403,
      });
  }

  /** What may not become so, be it proposed or approved. */
  async #refuseUnfit(record: PinRecord, certificate: X509Certificate, trusted: boolean): Promise<void> {
    const now = this.#options.clock.now();
    const others = new Map(this.#counting(record));
    const counts = others.delete(derOf(certificate));
    if (trusted) {
      refuseUnfit(certificate, now);
      if (counts) throw new Refused('pin_known', 'this certificate is pinned already', { status: 409 });
      return;
    }
    if (!counts) throw pinUnknown();
    if (![...others.values()].some((one) => isValidOn(one.certificate, now)))
      throw new Refused('last_pin', 'no valid certificate would be left', { status: 409 });
    const newest = await this.#versions.newestFile();
    // At its next start no process could read the list in use, and nobody could sign in, to the console neither.
    if (
      newest &&
      signerAmong(newest, [certificate.publicKey]) &&
      !signerAmong(newest, keysOf(others.values()))
    )
      throw new Refused('pin_in_use', 'the list in use is signed with this certificate', { status: 409 });
  }

  async #read(): Promise<PinRecord> {
    const record = await this.#records.read();
    this.#known = [...this.#counting(record).values()];
    return record;
  }

  /** What counts, by DER: what the configuration pins, and over it what was decided. */
  #counting({ decisions }: PinRecord): ReadonlyMap<string, Pinned> {
    const pins = new Map(this.#ground);
    for (const { certificate: der, trusted } of decisions) {
      const certificate = certificateOf(der);
      if (!trusted) pins.delete(der);
      else if (!pins.has(der)) pins.set(der, { name: consoleName(certificate), certificate });
    }
    return pins;
  }

  async #refusedSigner(): Promise<X509Certificate | undefined> {
    const sealed = await this.#versions.unknownSigner();
    try {
      return sealed && new X509Certificate(this.#options.keys.cipher.open(sealed, this.#place));
    } catch (error) {
      // A hint and no more: one that is not ours is none.
      if (error instanceof CannotOpen) return undefined;
      throw error;
    }
  }

  get #place(): string {
    return `registry_checks:${this.#options.url}`;
  }
}

function keysOf(pins: Iterable<{ readonly certificate: X509Certificate }>): KeyObject[] {
  return Array.from(pins, ({ certificate }) => certificate.publicKey);
}

function consoleName(certificate: X509Certificate): string {
  return `console ${certificateFacts(certificate).fingerprint.slice(0, 16)}`;
}

function unknownSigner({ fingerprint256 }: X509Certificate): Warning {
  return {
    kind: 'unknown-signer',
    stage: `unknown signer ${fingerprint256}`,
    problem: `the registry's list is signed with a certificate that is not pinned, SHA-256 ${fingerprint256}: ask AgID whether it is its own; then see the console, or providers pins`,
    fingerprint: fingerprint256,
  };
}

function pinUnknown(): Refused {
  return new Refused('pin_unknown', 'no such certificate is pinned', { status: 404 });
}

/** @throws Refused `proposal_unknown` (404) */
function proposalIn({ proposals }: PinRecord, id: string): PinProposal {
  const found = proposals.find((one) => one.id === id);
  if (!found) throw new Refused('proposal_unknown', 'this is proposed no more', { status: 404 });
  return found;
}

function decisionOn({ decisions }: PinRecord, der: string): PinFacts['decided'] {
  const found = decisions.find(({ certificate }) => certificate === der);
  return found && { proposedBy: found.proposedBy, approvedBy: found.approvedBy, at: new Date(found.at) };
}

function auditFacts(certificate: X509Certificate): object {
  const { fingerprint, subject, notAfter } = certificateFacts(certificate);
  return { fingerprint, subject, notAfter: notAfter.toISOString() };
}
