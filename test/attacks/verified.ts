import type { KeyObject } from 'node:crypto';
import { NS } from '../../src/saml/names.ts';
import { verifyEnveloped } from '../../src/saml/signature.ts';
import { InvalidXml, parseXml, type XmlElement } from '../../src/saml/xml.ts';

/** One signature of a document that the gateway verifies, wherever it stands. */
export interface VerifiedSignature {
  /** The ds:Signature, in canonical form. */
  readonly signature: string;
  /** Namespace, local name and ID of the signed element. */
  readonly namespace: string;
  readonly name: string;
  readonly id: string;
  /** What the gateway takes for signed. */
  readonly signed: string;
}

/**
 * Every signature in a document that the gateway's verifier accepts, without any of the checks around it: what other
 * implementations have to accept as well. None when the gate refuses the document.
 */
export function verifiedSignatures(bytes: Uint8Array, keys: readonly KeyObject[]): VerifiedSignature[] {
  try {
    using document = parseXml(bytes, { bytes: 1e6 });
    return [document.root, ...everyElement(document.root)].flatMap((element) => {
      const signed = verifyEnveloped(document, element, keys)?.signed.toString();
      const signature = element.child(NS.ds, 'Signature');
      if (signed === undefined || !signature) return [];
      const id = element.attribute('ID') ?? '';
      const { namespace, name } = element;
      return [{ signature: document.canonical(signature).toString(), namespace, name, id, signed }];
    });
  } catch (error) {
    if (error instanceof InvalidXml) return [];
    throw error;
  }
}

function everyElement(root: XmlElement): XmlElement[] {
  return root.elements.flatMap((element) => [element, ...everyElement(element)]);
}
