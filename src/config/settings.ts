import { z } from 'zod';
import type { Setting } from '../operations/setting.ts';
import { unwrapped } from './faults.ts';
import { configurationSchema, type ParsedConfiguration } from './schema.ts';
import { secret } from './values.ts';

/** What has pages of its own, and would fill this one. */
const ELSEWHERE: readonly string[] = ['entities', 'clients', 'apis'];

/** A second net, should one day something secret be declared as an ordinary text. */
const SECRET_NAME = /secret|passphrase|password|masterKey|token$/i;

/**
 * Every setting in force with where it comes from. Secrets are known by their schema, so that a new one is masked
 * without anybody thinking of it.
 * @param input as written in the file
 * @param parsed the same with defaults, secrets not yet read
 */
export function settingsOf(input: unknown, parsed: ParsedConfiguration): readonly Setting[] {
  return leaves(configurationSchema, parsed, input, '');
}

function leaves(schema: z.ZodType | undefined, value: unknown, input: unknown, key: string): Setting[] {
  const inner = unwrapped(schema);
  const name = key.slice(key.lastIndexOf('.') + 1);
  if (inner !== undefined && isSecret(inner)) return [masked(key, value, input)];
  if (SECRET_NAME.test(name)) return [masked(key, value, input)];
  if (value === undefined) return [];
  if (ELSEWHERE.includes(key) && Array.isArray(value)) return [plain(key, String(value.length), input)];
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'object')
      ? value.flatMap((item, at) => leaves(elementOf(inner), item, itemOf(input, at), `${key}[${at}]`))
      : [plain(key, value.join(', '), input)];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([part, item]) =>
      leaves(partOf(inner, part), item, itemOf(input, part), key === '' ? part : `${key}.${part}`),
    );
  return [plain(key, JSON.stringify(value).replace(/^"|"$/g, ''), input)];
}

function plain(key: string, value: string, input: unknown): Setting {
  return { key, value, source: input === undefined ? 'default' : 'file' };
}

function masked(key: string, value: unknown, input: unknown): Setting {
  if (input === undefined) return { key, value: undefined, source: 'default' };
  if (typeof value === 'object' && value !== null) {
    if ('env' in value) return { key, value: undefined, source: 'environment', place: String(value.env) };
    if ('file' in value) return { key, value: undefined, source: 'secret-file', place: String(value.file) };
  }
  return { key, value: undefined, source: typeof value === 'string' ? 'text' : 'file' };
}

function isSecret(schema: z.ZodType): boolean {
  if (schema === secret) return true;
  return schema instanceof z.ZodUnion && schema.options.some((option) => isSecret(option as z.ZodType));
}

function partOf(schema: z.ZodType | undefined, part: string): z.ZodType | undefined {
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>)[part] : undefined;
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;
}

function itemOf(input: unknown, part: string | number): unknown {
  return typeof input === 'object' && input !== null
    ? (input as Record<string | number, unknown>)[part]
    : undefined;
}
