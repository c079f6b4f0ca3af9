import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const guide = readFileSync(join(import.meta.dirname, '../../../docs/services.md'), 'utf8');

/** What docs/services.md tells the developers of a service to write. */
export function blockOfTheGuide(language: 'apache' | 'python' | 'js'): string {
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)?.[1];
  if (!block) throw new Error(`docs/services.md has no block of ${language}`);
  return block;
}
