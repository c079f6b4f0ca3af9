type Millis = number;

/** Citizens who have left here and may leave their identity provider too. */
export interface SignOutTables {
  sign_outs: {
    /** SHA-256 of the ticket in the address of the page. */
    id: string;
    /** Encrypted JSON: the ticket, where the citizen goes on to, and the session at the provider. */
    content: Uint8Array;
    /** Null until the citizen decides; then `sent`, and in the end `closed`, `partly` or `refused`. */
    outcome: string | null;
    expires_at: Millis;
  };
}
