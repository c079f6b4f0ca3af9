/** AgID's extensions of SAML metadata and requests. The levels' URIs are in identity/level.ts. */
export const SPID_NS = 'https://spid.gov.it/saml-extensions';

/** What the aggregated body is called in metadata that exists for AgID's acceptance tests only (Avviso 22; spid-aggregator, 6). */
export const TEST_IPA_CODE = '__aggrsint';

/** Activity codes that an aggregator's entityIDs carry as a path segment (spid-aggregator, 2). */
export const ACTIVITY_CODES = [
  'pub-ag-full',
  'pub-ag-lite',
  'pri-ag-full',
  'pri-ag-lite',
  'pub-op-full',
  'pub-op-lite',
] as const;
