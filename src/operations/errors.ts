/**
 * The three families of failure. Each carries a stable code that services, operators and tests can rely on;
 * the message is for whoever reads the log, never for a page.
 */
abstract class GatewayError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The input is not acceptable. The sender can do something about it: 4xx. */
export class Refused extends GatewayError {
  /** HTTP status, 400–499. */
  readonly status: number;
  /** The support reference under which something is known of it already. */
  readonly reference: string | undefined;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { status?: number; reference?: string } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? 400;
    this.reference = options.reference;
  }
}

/** Something this process depends on (store, provider, key) does not work now: 503. Retrying later may help. */
export class Unavailable extends GatewayError {
  readonly status = 503;
  /** The same, where libraries look for it. */
  readonly statusCode = this.status;
}

/** The operator has to change the configuration; the message names the file, the key, what was found and what is allowed. */
export class Misconfigured extends GatewayError {}
