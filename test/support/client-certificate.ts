import 'reflect-metadata';
import { KeyObject, X509Certificate as NodeCertificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** The certificate of a service, self-signed, as a proxy hands it on; its key as the service registers it, and has it. */
export async function clientCertificate(
  dns: string,
): Promise<{ readonly pem: string; readonly jwk: Record<string, unknown>; readonly privateKey: KeyObject }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${dns}`,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2040-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: dns }])],
  });
  const pem = certificate.toString('pem');
  const node = new NodeCertificate(pem);
  return {
    pem,
    privateKey: KeyObject.from(keys.privateKey),
    jwk: { ...node.publicKey.export({ format: 'jwk' }), x5c: [node.raw.toString('base64')], use: 'sig' },
  };
}
