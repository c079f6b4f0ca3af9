import { randomBytes } from 'node:crypto';
import type { By } from '../../audit/entry.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import { hashInput } from '../../identity/persons.ts';
import type { KeyRing } from '../../keys/directory.ts';
import type { Clock } from '../../operations/clock.ts';
import { Refused } from '../../operations/errors.ts';
import type { RegisterTables } from '../../store/schema/register.ts';
import type { Queryable, Store, Transaction } from '../../store/store.ts';
import {
  checkedReason,
  checkedScope,
  readScope,
  writtenScope,
  type Consultation,
  type ConsultationRules,
  type ConsultationScope,
  type ConsultationState,
} from './consultation.ts';

type Row = RegisterTables['register_consultations'];

interface Content {
  readonly asker: string;
  readonly decider?: string;
  readonly reason: string;
  readonly scope: Record<string, unknown>;
}

export interface ConsultationParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: Pick<KeyRing, 'cipher' | 'personHash'>;
  readonly trail: AuditTrail;
  readonly rules: ConsultationRules;
}

const HOUR_MS = 60 * 60 * 1000;
/** Seen in lists for so long; the audit trail knows it for good. */
const SHOWN_MS = 30 * 24 * HOUR_MS;
const MOST_SHOWN = 100;

/**
 * Who may look into the register, at what, for what reason and until when (docs/adr/0075). Every step is an entry of
 * the audit trail, in the transaction that makes it true.
 */
export class Consultations {
  readonly rules: ConsultationRules;
  readonly #parts: ConsultationParts;

  constructor(parts: ConsultationParts) {
    this.#parts = parts;
    this.rules = parts.rules;
  }

  /**
   * Asks to look. Open at once, or waiting for a second person where the rules want one.
   * @throws Refused `consultation_reason`, `consultation_scope`
   */
  async ask(scope: ConsultationScope, reason: string, by: By): Promise<Consultation> {
    const { store, clock, keys, rules } = this.#parts;
    // Hexadecimal: on a command line nothing else may begin with a hyphen.
    const id = randomBytes(16).toString('hex');
    const now = clock.now().getTime();
    const content: Content = {
      asker: nameOf(by),
      reason: checkedReason(reason),
      scope: writtenScope(checkedScope(scope)),
    };
    const state: ConsultationState = rules.secondPerson ? 'waiting' : 'open';
    const hours = rules.secondPerson ? rules.approvalHours : rules.openHours;
    const row: Row = {
      id,
      state,
      asked_at: now,
      asker_hash: this.#hashOf(by),
      decider_hash: null,
      ends_at: now + hours * HOUR_MS,
      expires_at: now + SHOWN_MS,
      content: keys.cipher.seal(Buffer.from(JSON.stringify(content)), place(id)),
    };
    await store.transaction(async (transaction) => {
      await transaction.insertInto('register_consultations').values(row).execute();
      await this.note(transaction, 'register.ask', this.#read(row), by, { reason: content.reason });
    });
    return this.#read(row);
  }

  /**
   * Agrees to a consultation, or refuses it; whoever asked cannot.
   * @throws Refused `consultation_unknown`, `consultation_decided`, `consultation_over`, `consultation_same_person`
   */
  async decide(id: string, agreed: boolean, by: By): Promise<void> {
    const { store, clock, keys, rules } = this.#parts;
    const now = clock.now().getTime();
    await store.transaction(async (transaction) => {
      const asked = await this.get(transaction, id);
      if (asked.state !== 'waiting')
        throw new Refused('consultation_decided', 'somebody has decided on it', { status: 409 });
      if (asked.endsAt.getTime() <= now) throw over();
      if (asked.askerHash !== undefined && this.#hashes(by).includes(asked.askerHash))
        throw new Refused('consultation_same_person', 'who asked cannot agree', { status: 403 });
      const content: Content = {
        asker: asked.asker,
        decider: nameOf(by),
        reason: asked.reason,
        scope: writtenScope(asked.scope),
      };
      const { numUpdatedRows } = await transaction
        .updateTable('register_consultations')
        .set({
          state: agreed ? 'open' : 'refused',
          decider_hash: this.#hashOf(by),
          ends_at: agreed ? now + rules.openHours * HOUR_MS : now,
          content: keys.cipher.seal(Buffer.from(JSON.stringify(content)), place(id)),
        })
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      if (numUpdatedRows !== 1n)
        throw new Refused('consultation_decided', 'somebody has decided on it', { status: 409 });
      await this.note(transaction, agreed ? 'register.agree' : 'register.refuse', asked, by, {});
    });
  }

  /**
   * A consultation that `by` may use now: her own, agreed to, in its time.
   * @throws Refused `consultation_unknown`, `consultation_waiting`, `consultation_refused`, `consultation_over`
   */
  async usable(id: string, by: By): Promise<Consultation> {
    const { store, clock } = this.#parts;
    const consultation = await this.get(store.db, id);
    if (!this.isOf(consultation, by)) throw unknown();
    if (consultation.state === 'refused')
      throw new Refused('consultation_refused', 'the second person refused', { status: 403 });
    if (consultation.endsAt <= clock.now()) throw over();
    if (consultation.state === 'waiting')
      throw new Refused(
        'consultation_waiting',
        `${id} waits for a second person to agree at /admin/register`,
        {
          status: 403,
        },
      );
    return consultation;
  }

  /** Whether it was asked for by `by`. On the command line, where nobody signs in, by the name that is given. */
  isOf({ askerHash, asker }: Consultation, by: By): boolean {
    return askerHash === undefined
      ? by.actor.kind === 'operator' && by.actor.name === asker
      : this.#hashes(by).includes(askerHash);
  }

  /** @throws Refused `consultation_unknown` (404) */
  async get(db: Queryable, id: string): Promise<Consultation> {
    const row = await db
      .selectFrom('register_consultations')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw unknown();
    return this.#read(row);
  }

  /** Those of the last days, newest first. */
  async list(): Promise<Consultation[]> {
    const rows = await this.#parts.store.db
      .selectFrom('register_consultations')
      .selectAll()
      .orderBy('asked_at', 'desc')
      .limit(MOST_SHOWN)
      .execute();
    return rows.map((row) => this.#read(row));
  }

  /** Writes into the audit trail what was done under a consultation. @param facts what was looked at */
  async note(
    transaction: Transaction,
    action: string,
    { id, scope }: Consultation,
    by: By,
    facts: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#parts.trail.append(transaction, {
      at: this.#parts.clock.now(),
      action,
      target: { kind: 'register-consultation', id },
      entityId: scope.entityId,
      after: { ...facts, scope: writtenScope(scope) },
      ...by,
    });
  }

  #hashes({ actor }: By): string[] {
    if (actor.kind !== 'person') return [];
    return this.#parts.keys.personHash.candidates(hashInput(actor.person)).map(({ hash }) => hash);
  }

  #hashOf(by: By): string | null {
    return this.#hashes(by)[0] ?? null;
  }

  #read(row: Row): Consultation {
    const opened = this.#parts.keys.cipher.open(row.content, place(row.id)).toString();
    const { asker, decider, reason, scope } = JSON.parse(opened) as Content;
    return {
      id: row.id,
      state: row.state as ConsultationState,
      askedAt: new Date(row.asked_at),
      asker,
      askerHash: row.asker_hash ?? undefined,
      decider,
      reason,
      scope: readScope(scope),
      endsAt: new Date(row.ends_at),
    };
  }
}

function nameOf({ actor }: By): string {
  return actor.kind === 'client' ? actor.id : actor.name;
}

function place(id: string): string {
  return `register_consultations:${id}`;
}

function unknown(): Refused {
  return new Refused('consultation_unknown', 'there is no such consultation of yours', { status: 404 });
}

function over(): Refused {
  return new Refused('consultation_over', 'its time is over: ask for another one', { status: 403 });
}
