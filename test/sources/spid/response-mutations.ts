import type { Level } from '../../../src/identity/level.ts';
import { PROVIDER, responseXml, signed } from '../../support/spid-response.ts';

/** One case of AgID's suites (spid-response-validation, 7): what arrives, and which check has to catch it. */
export interface Case {
  readonly nr: string;
  readonly mutation: string;
  readonly xml: (level: Level) => string;
  /** `OK`, or the id of the check that refuses. */
  readonly expected: string;
}

export const replacing = (from: string | RegExp, to: string) => (level: Level) => {
  const xml = responseXml({ level });
  const changed = xml.replace(from, () => to);
  if (changed === xml) throw new Error(`nothing to replace: ${String(from)}`);
  return signed(changed);
};
/** In every place. */
export const replacingAll = (from: string, to: string) => (level: Level) =>
  signed(responseXml({ level }).replaceAll(from, () => to));
export const refused = (nr: string | number, expected: string, mutation: string, xml: Case['xml']): Case => ({
  nr: String(nr),
  mutation,
  xml,
  expected,
});
export const accepted = (nr: string, mutation: string, xml: Case['xml']): Case => ({
  nr,
  mutation,
  xml,
  expected: 'OK',
});

/** The first is the Response's, the second the Assertion's. */
export const second = (part: string, to: string) => (level: Level) => {
  const xml = responseXml({ level });
  const at = xml.lastIndexOf(part);
  return signed(xml.slice(0, at) + to + xml.slice(at + part.length));
};

export const ISSUER = `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${PROVIDER}</saml:Issuer>`;
export const ASSERTION = /<saml:Assertion .*<\/saml:Assertion>/;
