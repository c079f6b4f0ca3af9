/** One setting as it is in force, for whoever wants to know what the gateway was told. */
export interface Setting {
  /** As in the configuration file: `sessions.level2Minutes`. */
  readonly key: string;
  /** Undefined for a secret: that there is one is all that is said. */
  readonly value: string | undefined;
  /** `environment` and `secret-file` are where a secret was read; `text` is one that stands in the file itself. */
  readonly source: 'file' | 'default' | 'environment' | 'secret-file' | 'text';
  /** The variable or file of a secret. */
  readonly place?: string | undefined;
}
