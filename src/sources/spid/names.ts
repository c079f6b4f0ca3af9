/** AgID's extensions of SAML metadata and requests. The levels' URIs are in identity/level.ts. */
export const SPID_NS = 'https://spid.gov.it/saml-extensions';
