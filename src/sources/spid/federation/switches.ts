import type { Localised } from '../../../identity/language.ts';
import type { Queryable, Store } from '../../../store/store.ts';
import type { SwitchedOff } from '../registry.ts';

/** The kill switches, shared by all processes. */
export class ProviderSwitches {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async all(): Promise<SwitchedOff[]> {
    const rows = await this.#store.db
      .selectFrom('provider_switches')
      .selectAll()
      .orderBy('entity_id')
      .execute();
    return rows.map((row) => ({
      entityId: row.entity_id,
      since: new Date(row.disabled_at),
      notice: { it: row.notice_it, en: row.notice_en },
    }));
  }

  /** Takes a provider out of use; once more only changes the notice. */
  async disable(
    entityId: string,
    notice: Localised,
    now: Date,
    db: Queryable = this.#store.db,
  ): Promise<void> {
    const texts = { notice_it: notice.it, notice_en: notice.en };
    await db
      .insertInto('provider_switches')
      .values({ entity_id: entityId, disabled_at: now.getTime(), ...texts })
      .onConflict((conflict) => conflict.column('entity_id').doUpdateSet(texts))
      .execute();
  }

  /** @returns false when it was in use already */
  async enable(entityId: string, db: Queryable = this.#store.db): Promise<boolean> {
    const result = await db
      .deleteFrom('provider_switches')
      .where('entity_id', '=', entityId)
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  }
}
