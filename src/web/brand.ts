import type { Localised } from '../identity/language.ts';

/** Whose gateway this is, and where its own pages are. */
export interface Brand {
  readonly name: Localised;
  readonly privacyUrl: string;
  readonly accessibilityUrl: string;
  readonly supportUrl: string;
  readonly supportEmail?: string | undefined;
}
