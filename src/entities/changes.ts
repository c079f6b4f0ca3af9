import type { By } from '../audit/entry.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Clock } from '../operations/clock.ts';
import { Refused } from '../operations/errors.ts';
import type { Transaction } from '../store/store.ts';
import type { KeptEntity } from './declarations.ts';
import type { EntityDeclaration } from './entity.ts';
import type { EntityRegister } from './register.ts';

/** What is done to bodies at run time, each with its entry in the audit trail. */
export class EntityChanges {
  readonly #register: EntityRegister;
  readonly #trail: AuditTrail;
  readonly #clock: Clock;

  constructor(register: EntityRegister, trail: AuditTrail, clock: Clock) {
    this.#register = register;
    this.#trail = trail;
    this.#clock = clock;
  }

  /**
   * Adds a body, or changes one that was added so.
   * @param expected what it is thought to be now; undefined: nothing is known of it. Left out: whatever it is
   * @throws Refused `entity_stale` when it is something else by now, and those of EntityRegister.save
   */
  async save(
    declaration: EntityDeclaration,
    by: By,
    expected?: { readonly before: EntityDeclaration | undefined },
  ): Promise<void> {
    const before = (await this.#kept(declaration.id))?.declaration;
    if (expected && JSON.stringify(expected.before) !== JSON.stringify(before))
      throw new Refused('entity_stale', `somebody else changed ${declaration.id} meanwhile`, { status: 409 });
    const action = before ? 'entity.change' : 'entity.create';
    await this.#register.save(declaration, this.#note(action, declaration.id, by, before, declaration));
  }

  /** @throws Refused those of EntityRegister.cease */
  async cease(id: string, by: By): Promise<void> {
    const before = (await this.#kept(id))?.declaration;
    await this.#register.cease(id, this.#note('entity.cease', id, by, before, undefined));
  }

  async #kept(id: string): Promise<KeptEntity | undefined> {
    const kept = (await this.#register.fresh()).kept();
    return kept.find(({ declaration, ceasedAt }) => declaration.id === id && ceasedAt === undefined);
  }

  #note(
    action: string,
    id: string,
    by: By,
    before: EntityDeclaration | undefined,
    after: EntityDeclaration | undefined,
  ): (transaction: Transaction) => Promise<void> {
    return (transaction) =>
      this.#trail.append(transaction, {
        at: this.#clock.now(),
        action,
        entityId: id,
        target: { kind: 'entity', id },
        ...by,
        ...(before ? { before } : {}),
        ...(after ? { after } : {}),
      });
  }
}
