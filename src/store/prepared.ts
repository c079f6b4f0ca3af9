import type { Compilable, CompiledQuery } from 'kysely';
import type { Queryable } from './store.ts';

/** Where a value goes in a query that is made before there is one. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A query that is made once and run with other values each time: for what every login asks many times, as making it
 * takes longer than the answer does on SQLite. Otherwise it is a query like any other, inside a transaction or outside.
 * @param build makes the query, which must not depend on the values: what it is given only says where each goes
 */
export function prepared<Values extends object, Row>(
  build: (db: Queryable, values: Values) => Compilable<Row>,
): (db: Queryable, values: Values) => Promise<readonly Row[]> {
  const made = new WeakMap<object, CompiledQuery<Row>>();
  const places = new Proxy({} as Values, {
    get: (_values, name) => new Place(String(name)),
  });
  return async (db, values) => {
    const { adapter } = db.getExecutor(); // one for each store, in its transactions too
    const query = made.get(adapter) ?? build(db, places).compile();
    made.set(adapter, query);
    const parameters = query.parameters.map((value) =>
      value instanceof Place ? values[value.name as keyof Values] : value,
    );
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
