import { stringify } from 'yaml';

/** Text for a configuration file: what stands in it twice is written twice, for the loader takes no aliases. */
export function yaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false });
}
