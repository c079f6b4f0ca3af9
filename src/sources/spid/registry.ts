import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyObject } from 'node:crypto';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { readIdentityProviders, type IdentityProvider } from './provider-metadata.ts';

export type { IdentityProvider } from './provider-metadata.ts';

/** Something in a metadata file that was left out, and why. */
export interface MetadataProblem {
  readonly file: string;
  readonly problem: string;
}

/** The identity providers in force, by entityID. */
export class IdentityProviders {
  readonly #providers = new Map<string, IdentityProvider>();

  all(): readonly IdentityProvider[] {
    return [...this.#providers.values()];
  }

  find(entityId: string): IdentityProvider | undefined {
    return this.#providers.get(entityId);
  }

  /** @returns false when the provider is known already: the first one stays. */
  add(provider: IdentityProvider): boolean {
    if (this.#providers.has(provider.entityId)) return false;
    this.#providers.set(provider.entityId, provider);
    return true;
  }

  /**
   * Adds the providers of every `*.xml` in a directory, in the order of the file names. A bad file or entity harms no
   * other (spid-registry-and-idps, 1.3).
   * @param trustedSigners when given, every file has to be signed by one of them
   * @returns what was left out, file by file
   * @throws Misconfigured `providers_missing` when the directory cannot be read
   */
  addDirectory(directory: string, trustedSigners?: readonly KeyObject[]): MetadataProblem[] {
    return metadataFiles(directory).flatMap((file) =>
      this.#addFile(join(directory, file), trustedSigners).map((problem) => ({ file, problem })),
    );
  }

  #addFile(path: string, trustedSigners: readonly KeyObject[] | undefined): string[] {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch {
      return ['the file cannot be read'];
    }
    try {
      const { providers, problems } = readIdentityProviders(bytes, trustedSigners);
      const known = providers.filter((provider) => !this.add(provider));
      return [...problems, ...known.map(({ entityId }) => `${entityId}: known already, the first one stays`)];
    } catch (error) {
      if (error instanceof Refused || error instanceof Misconfigured) return [error.message];
      throw error;
    }
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
