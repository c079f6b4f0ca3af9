type Millis = number;

/** Tables of the entities room. */
export interface EntityTables {
  /** The bodies. A row is never deleted: an entityID is used once. */
  entities: {
    id: string;
    /** SPID entityID. */
    entity_id: string;
    /** Who wrote the row: 'configuration' rows follow the configuration file. */
    origin: string;
    /** JSON of EntityDeclaration. */
    declaration: string;
    created_at: Millis;
    updated_at: Millis;
    /** When the body stopped taking part. */
    ceased_at: Millis | null;
  };
  /** One row; grows with every change, so that processes see whether they have to read again. */
  entity_revision: { id: number; revision: number };
  /** Signed metadata, immutable: the same bytes are served for ever. */
  metadata_versions: {
    entity_id: string;
    version: number;
    /** SHA-256 of the unsigned content: tells whether the declaration asks for something new. */
    content_hash: string;
    bytes: Uint8Array;
    created_at: Millis;
    submitted_at: Millis | null;
    withdrawn_at: Millis | null;
  };
  /** What has come into force when; the latest row of a provider counts. */
  metadata_in_force: {
    entity_id: string;
    /** entityID of the identity provider; empty for all of which there is no row. */
    provider: string;
    since: Millis;
    version: number;
  };
  /** Signed, not sealed: may be made anew until it is. */
  metadata_drafts: {
    entity_id: string;
    content_hash: string;
    bytes: Uint8Array;
    created_at: Millis;
    /** SHA-256 of the secret in the preview's address. */
    preview_hash: string | null;
  };
}
