import { z } from 'zod';
import { Misconfigured } from '../operations/errors.ts';

/**
 * What a schema says against a file, for whoever wrote the file: each key with the value found and what is allowed.
 * @param issues of `schema` about `input`
 */
export function invalidFile(
  file: string,
  schema: z.ZodType,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
): Misconfigured {
  const faults = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(key, issue.path, schemaAt(schema, issue.path)))
      : [
          `${keyOf(issue.path)}: found ${shown(valueAt(input, issue.path), keyOf(issue.path))}; ${allowedBy(issue)}`,
        ],
  );
  return new Misconfigured(
    'configuration_invalid',
    `${file} is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  );
}

function unknownKey(key: string, path: readonly PropertyKey[], schema: z.ZodType | undefined): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return `${keyOf([...path, key])}: no such key; allowed${path.length > 0 ? ` in ${keyOf(path)}` : ''}: ${known.join(', ')}`;
}

/** The schema's own words where it has some; the library's speak of its types. */
function allowedBy(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('allowed')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `allowed: ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `allowed: ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return `allowed: ${FORMATS[issue.format] ?? issue.format}`;
    case 'too_small':
      return `allowed: ${issue.minimum} or more${UNITS[issue.origin] ?? ''}`;
    case 'too_big':
      return `allowed: ${issue.maximum} or less${UNITS[issue.origin] ?? ''}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with their values',
  record: 'keys with their values',
};
const FORMATS: Readonly<Record<string, string>> = { email: 'an e-mail address', url: 'a URL' };
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

function keyOf(parts: readonly PropertyKey[]): string {
  const key = parts.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return key.replace(/^\./, '') || '(top level)';
}

function schemaAt(
  schema: z.ZodType | undefined,
  [part, ...rest]: readonly PropertyKey[],
): z.ZodType | undefined {
  const inner = unwrapped(schema);
  if (part === undefined) return inner;
  if (inner instanceof z.ZodObject)
    return schemaAt((inner.shape as z.ZodRawShape)[String(part)] as z.ZodType, rest);
  return inner instanceof z.ZodArray ? schemaAt(inner.element as z.ZodType, rest) : undefined;
}

/** Without what only says that it may be missing, what then stands in its place, or what becomes of it. */
export function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrapped(schema.in as z.ZodType) : schema;
}

function valueAt(input: unknown, parts: readonly PropertyKey[]): unknown {
  return parts.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}

/** The value as the operator wrote it. Secrets are never shown; what has parts may hold some. */
function shown(value: unknown, key: string): string {
  if (value === undefined || value === null) return 'nothing';
  if (/secret|passphrase|password|masterKey|token|store/i.test(key)) return 'a value (not shown)';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return `keys ${Object.keys(value).join(', ')}`.slice(0, LONGEST);
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}…` : text;
}

const LONGEST = 120;
