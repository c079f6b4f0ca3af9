/** One place at which two versions differ. */
export interface Difference {
  /** Path of the place: `redirectUris[1]`. */
  readonly path: string;
  /** JSON; undefined where there was or is nothing. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where two JSON values differ, leaf by leaf, in the order of their keys. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [old, now] = [leaves(before), leaves(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}

function leaves(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      leaves(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, found);
    }
  } else if (value !== undefined) found.set(path, JSON.stringify(value));
  return found;
}
