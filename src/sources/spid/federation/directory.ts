import type { KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, Refused } from '../../../operations/errors.ts';
import { readIdentityProviders, type IdentityProvider, type ReadMetadata } from '../provider-metadata.ts';
import { objections, objectionText } from './guard.ts';

/** Something in a metadata file that was left out, and why. */
export interface MetadataProblem {
  readonly file: string;
  readonly problem: string;
}

/** What the files gave when they were last good, by their names, in the order of these. */
export type DirectoryReading = ReadonlyMap<string, ReadMetadata>;

/**
 * Reads every `*.xml` of a directory. A bad file or entity harms no other (spid-registry-and-idps, 1.3); a file that
 * was good before and is not now keeps giving what it gave.
 * @param trustedSigners when given, every file has to be signed by one of them
 * @param before the last reading
 * @throws Misconfigured `providers_missing` when the directory cannot be read
 */
export function readDirectory(
  directory: string,
  trustedSigners: readonly KeyObject[] | undefined,
  now: Date,
  before: DirectoryReading = new Map(),
): { readonly reading: DirectoryReading; readonly problems: MetadataProblem[] } {
  const reading = new Map<string, ReadMetadata>();
  const problems: MetadataProblem[] = [];
  for (const file of metadataFiles(directory)) {
    const previous = before.get(file);
    const { metadata, found } = readFile(join(directory, file), trustedSigners, now, previous);
    if (metadata) reading.set(file, metadata);
    problems.push(...found.map((problem) => ({ file, problem })));
  }
  return { reading, problems };
}

/** The providers of all files; of two descriptions of one provider the first stays. */
export function mergeReadings(reading: DirectoryReading, already: readonly IdentityProvider[] = []) {
  const providers = new Map(already.map((provider) => [provider.entityId, provider]));
  const problems: MetadataProblem[] = [];
  for (const [file, metadata] of reading) {
    for (const provider of metadata.providers) {
      const { entityId } = provider;
      if (!providers.has(entityId)) providers.set(entityId, provider);
      else problems.push({ file, problem: `${entityId}: known already, the first one stays` });
    }
  }
  return { providers: [...providers.values()], problems };
}

function readFile(
  path: string,
  trustedSigners: readonly KeyObject[] | undefined,
  now: Date,
  previous: ReadMetadata | undefined,
): { metadata: ReadMetadata | undefined; found: readonly string[] } {
  const keeping = previous ? '; what it said before stays in use' : '';
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return { metadata: previous, found: [`the file cannot be read${keeping}`] };
  }
  try {
    const metadata = readIdentityProviders(bytes, trustedSigners);
    const against = previous ? objections(previous, metadata, now) : [];
    if (against.length > 0)
      return { metadata: previous, found: against.map((one) => `${objectionText(one)}${keeping}`) };
    return { metadata, found: metadata.problems };
  } catch (error) {
    if (error instanceof Refused || error instanceof Misconfigured)
      return { metadata: previous, found: [`${error.message}${keeping}`] };
    throw error;
  }
}

function metadataFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.xml'))
      .sort();
  } catch (cause) {
    throw new Misconfigured(
      'providers_missing',
      `sources.spid.identityProviders.directory: ${directory} cannot be read; create it and put the providers' metadata there`,
      { cause },
    );
  }
}
