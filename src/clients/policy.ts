import type { IdentityKind, SourceKind } from '../identity/identity.ts';
import type { Localised } from '../identity/language.ts';

/** Kinds of identity a service asks for beyond the ordinary citizen's (AgID notice 18 v2; spid-authn-request, 2.5). */
export const PURPOSES = ['P', 'LP', 'PG', 'PF', 'PX'] as const;
export type Purpose = (typeof PURPOSES)[number];

const KINDS: Readonly<Record<Purpose, readonly IdentityKind[]>> = {
  P: ['professional', 'professional-for-legal-person'],
  LP: ['legal-person', 'professional-for-legal-person'],
  PG: ['professional-for-legal-person'],
  PF: ['professional'],
  PX: ['legal-person', 'professional', 'professional-for-legal-person'],
};

/** The kinds of identity that may enter a service with this purpose; without one, the citizen's own. */
export function kindsFor(purpose: Purpose | undefined): readonly IdentityKind[] {
  return purpose === undefined ? ['citizen'] : KINDS[purpose];
}

/** The ages that public services draw lines at: what can be asked for as `age_over_N`. */
export const AGE_LINES = [14, 16, 18, 21, 60, 65, 70, 75] as const;
export type AgeLine = (typeof AGE_LINES)[number];

/** The claims of the scope `age`. */
export const AGE_CLAIMS: readonly string[] = ['is_minor', ...AGE_LINES.map((age) => `age_over_${age}`)];

/** Who is let in by age, in whole years, and what the service gets to know of it: never the date of birth. */
export interface AgePolicy {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Claims `age_over_N`. */
  readonly over?: readonly AgeLine[];
  /** Claim `is_minor`: below 18. */
  readonly minor?: boolean;
}

/** What a client is allowed and owes in logins; each part has the gateway's default unless it is there. */
export interface ClientPolicy {
  /** Ways to prove who one is; without it, all that are configured. */
  readonly sources?: readonly SourceKind[];
  /** false: every entry is a new authentication. */
  readonly reuse?: boolean;
  /** Before a session is reused the citizen sees as whom she enters, and may change her mind. */
  readonly confirmReuse?: boolean;
  readonly purpose?: Purpose;
  /** The error of a citizen whose identity is not of the level asked for (anomaly 20); without it `access_denied`. */
  readonly levelNotHeld?: 'unmet_authentication_requirements';
  readonly age?: AgePolicy;
  /** Minutes; never longer than the login they come from may answer for. */
  readonly tokenMinutes?: {
    readonly access?: number;
    readonly id?: number;
    readonly refresh?: number;
  };
}

/** How the service presents itself on the pages of a login. */
export interface ClientBranding {
  /** `data:` URL of a PNG: nothing is loaded from elsewhere. */
  readonly logo?: string;
  /** Said to the citizen before she chooses. */
  readonly text?: Localised;
  readonly links?: Readonly<Partial<Record<BrandLink, string>>>;
}

export const BRAND_LINKS = ['privacy', 'terms', 'accessibility', 'support'] as const;
export type BrandLink = (typeof BRAND_LINKS)[number];
