import { createHash, randomBytes, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { ContentInfo, SignedData, type SignerInfo } from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, TimeStampReq, TimeStampResp, TSTInfo, id_ct_tstInfo } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { Refused, Unavailable } from '../operations/errors.ts';
import type { Outbound } from '../operations/outbound.ts';

/** A time stamp authority, and whom to believe that it is the one. */
export interface TimestampServer {
  readonly url: string;
  /** The authority's own certificate or one it descends from. */
  readonly trusted: readonly X509Certificate[];
  readonly outbound: Outbound;
}

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** The content type that has to be signed too: the identifier of TSTInfo, in DER. */
const TST_INFO = Buffer.from('060b2a864886f70d0109100104', 'hex');

const DIGESTS: Readonly<Record<string, string>> = {
  [SHA_256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** An authority that takes longer is asked again with the next seal, in milliseconds. */
const PATIENCE_MS = 10_000;
/** A token with its certificates has some kilobytes. */
const ANSWER_LIMIT = 64 * 1024;
const LONGEST_CHAIN = 4;

/**
 * Asks an RFC 3161 authority to say that `data` exists now.
 * @returns the DER of the time stamp token, verified
 * @throws Unavailable `timestamp_server` when it does not answer, Refused `timestamp` when the answer proves nothing
 */
export async function requestTimestamp(server: TimestampServer, data: Uint8Array): Promise<Uint8Array> {
  const nonce = randomBytes(16);
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40; // a positive INTEGER of a fixed length
  const request = new TimeStampReq({
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: SHA_256, parameters: null }),
      hashedMessage: new OctetString(createHash('sha256').update(data).digest()),
    }),
    nonce: exactly(nonce),
    certReq: true,
  });
  const answer = await ask(server, Buffer.from(AsnConvert.serialize(request)));
  const { status, timeStampToken } = read(() => AsnConvert.parse(exactly(answer), TimeStampResp));
  if (Number(status.status) > 1 || !timeStampToken)
    throw refused(`the authority refused (status ${status.status})`);
  const token = Buffer.from(AsnConvert.serialize(timeStampToken));
  const { nonce: answered } = read(() => checked(token, data, server.trusted));
  if (!answered || !Buffer.from(answered).equals(nonce)) throw refused('answers another request');
  return token;
}

/**
 * When an authority said that `data` existed.
 * @param trusted the authority's own certificates, or those it descends from
 * @throws Refused `timestamp`
 */
export function timestampOf(token: Uint8Array, data: Uint8Array, trusted: readonly X509Certificate[]): Date {
  return read(() => checked(token, data, trusted)).genTime;
}

async function ask({ url, outbound }: TimestampServer, body: Buffer): Promise<Buffer> {
  try {
    const response = await outbound.fetchFrom(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/timestamp-query' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = Buffer.from(await response.arrayBuffer());
    if (!response.ok || answer.length > ANSWER_LIMIT) throw new Error(`status ${response.status}`);
    return answer;
  } catch (cause) {
    throw new Unavailable('timestamp_server', `${url} does not answer with a time stamp`, { cause });
  }
}

/** Everything that makes a token worth something: imprint, signed attributes, signature, certificate, purpose. */
function checked(token: Uint8Array, data: Uint8Array, trusted: readonly X509Certificate[]): TSTInfo {
  const content = AsnConvert.parse(exactly(token), ContentInfo);
  if (content.contentType !== SIGNED_DATA) throw refused('is not signed');
  const signed = AsnConvert.parse(content.content, SignedData);
  const text = signed.encapContentInfo.eContent?.single?.buffer;
  const [signer, ...more] = signed.signerInfos;
  if (signed.encapContentInfo.eContentType !== id_ct_tstInfo || !text || !signer || more.length > 0)
    throw refused('is no time stamp by one signer');
  const info = AsnConvert.parse(text, TSTInfo);
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const expected = createHash('sha256').update(data).digest();
  if (hashAlgorithm.algorithm !== SHA_256 || !expected.equals(Buffer.from(hashedMessage.buffer)))
    throw refused('is of something else');
  const certificates = (signed.certificates ?? []).flatMap(({ certificate }) =>
    certificate ? [new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)))] : [],
  );
  const by = [...certificates, ...trusted].find((certificate) =>
    isSignature(signer, Buffer.from(text), certificate.publicKey),
  );
  if (!by) throw refused('the signature does not verify');
  if (!by.keyUsage.includes(TIME_STAMPING)) throw refused('the signer may not make time stamps');
  if (!descends(by, certificates, trusted, info.genTime)) throw refused('the authority is not a trusted one');
  return info;
}

function isSignature(signer: SignerInfo, content: Buffer, key: KeyObject): boolean {
  const digest = DIGESTS[signer.digestAlgorithm.algorithm];
  const { signedAttrs = [] } = signer;
  const value = (type: string) => signedAttrs.find(({ attrType }) => attrType === type)?.attrValues[0];
  const [hash, type] = [value(MESSAGE_DIGEST), value(CONTENT_TYPE)];
  if (!digest || !hash || !type || !Buffer.from(type).equals(TST_INFO)) return false;
  const stated = Buffer.from(AsnConvert.parse(hash, OctetString).buffer);
  if (!createHash(digest).update(content).digest().equals(stated)) return false;
  return verify(digest, setOf(signedAttrs), key, Buffer.from(signer.signature.buffer));
}

/** The attributes as they are signed: a SET OF; in the message it stands under an implicit tag. */
export function setOf(attributes: readonly object[]): Buffer {
  const body = Buffer.concat(attributes.map((attribute) => Buffer.from(AsnConvert.serialize(attribute))));
  const [high, low] = [body.length >> 8, body.length & 0xff];
  const length = body.length < 128 ? [low] : high === 0 ? [0x81, low] : [0x82, high, low];
  return Buffer.concat([Buffer.of(0x31, ...length), body]);
}

function descends(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  at: Date,
  steps = LONGEST_CHAIN,
): boolean {
  if (at < certificate.validFromDate || at > certificate.validToDate || steps === 0) return false;
  if (trusted.some((known) => known.fingerprint256 === certificate.fingerprint256)) return true;
  const issued = (issuer: X509Certificate) =>
    issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (trusted.some(issued)) return true;
  return others.some(
    (other) => other !== certificate && issued(other) && descends(other, others, trusted, at, steps - 1),
  );
}

/** Whoever altered it may have altered anything: what cannot be made sense of is worth as little as a wrong signature. */
function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw cause instanceof Refused ? cause : refused('cannot be read', cause);
  }
}

function refused(what: string, cause?: unknown): Refused {
  return new Refused('timestamp', `the time stamp ${what}`, { cause });
}

function exactly(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
