/** How many logins got how far (src/figures). No row is about a person. */
export interface FigureTables {
  login_counts: {
    /** A day in Italy, such as `2026-03-29`, or a whole month, such as `2026-03`. */
    day: string;
    /** What `value` is: nothing (`total`), a provider, a source, a level, an error code. */
    dimension: string;
    /** Empty for all services together, without the gateway's own pages. */
    client_id: string;
    entity_id: string;
    value: string;
    expires_at: number;
    shown: number;
    chosen: number;
    returned: number;
    failed: number;
    entered: number;
    granted: number;
    redeemed: number;
  };
}
