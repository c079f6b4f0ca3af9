/** What a client is allowed and owes in logins; each part has the gateway's default unless it is there. */
export interface ClientPolicy {
  /** Before a session is reused the citizen sees as whom she enters, and may change her mind. */
  readonly confirmReuse?: boolean;
  /** Minutes; never longer than the login they come from may answer for. */
  readonly tokenMinutes?: {
    readonly access?: number;
    readonly id?: number;
    readonly refresh?: number;
  };
}
