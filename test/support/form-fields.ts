import { formsOf } from '../../src/demo/forms.ts';

/** What a browser would send of a page's forms as they are: inputs, text areas, selected options. */
export function fieldsOnPage(page: string): Record<string, string> {
  const chosen = [...page.matchAll(/<select\b[^>]* name="([^"]+)"[^>]*>([\s\S]*?)<\/select\s*>/g)].map(
    ([, name = '', options = '']) => {
      const values = [...options.matchAll(/<option value="([^"]*)"([^>]*)>/g)];
      // Browsers take the first where nothing is selected.
      const [, value = ''] = values.find(([, , rest]) => rest?.includes('selected')) ?? values[0] ?? [];
      return [name, value] as const;
    },
  );
  // The reader of forms knows inputs and their entities.
  const written = page.replaceAll(
    /<textarea\b[^>]* name="([^"]+)"[^>]*>\n?([\s\S]*?)<\/textarea\s*>/g,
    '<input name="$1" value="$2" />',
  );
  const inputs = formsOf(written).flatMap((form) => form.inputs.filter(([name]) => name !== ''));
  return Object.fromEntries([...inputs, ...chosen]);
}
