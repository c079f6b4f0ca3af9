import type { Kysely } from 'kysely';
import type { Dialect } from '../schema.ts';

/** The column type for bytes: the engines have different names for it. */
export function bytesOf(dialect: Dialect): 'bytea' | 'blob' {
  return dialect === 'postgres' ? 'bytea' : 'blob';
}

export async function index(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(columns)
    .execute();
}
