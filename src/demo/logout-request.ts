import { Refused } from '../operations/errors.ts';
import { newId, xml } from '../saml/documents.ts';
import { postBinding, redirectBinding } from '../saml/bindings.ts';
import { formatInstant, parseInstant } from '../saml/instant.ts';
import { NAMEID_ENTITY, NAMEID_TRANSIENT, NS, STATUS_SUCCESS } from '../saml/names.ts';
import { signEnveloped, type SigningKey } from '../saml/signature.ts';
import type { XmlElement } from '../saml/xml.ts';
import type { ServiceProvider } from './service-provider.ts';
import { openSigned, type Arrival } from './signed-message.ts';

/** How far the clocks of provider and service may differ, in milliseconds. */
const SKEW_MS = 2 * 60 * 1000;

/** What a service provider asks to be closed. */
export interface LogoutRequest {
  readonly id: string;
  readonly nameId: string;
  readonly sessionIndex: string;
  readonly relayState: string | undefined;
}

/**
 * Reads a LogoutRequest; every one has to be signed (spid-register-and-logout, 3.1).
 * @param own the provider's entityID, which qualifies the NameID, and its single logout service
 * @throws BadMessage, or Refused `logout_refused` (403) naming the part that is wrong
 */
export function acceptLogout(
  arrival: Arrival,
  own: { readonly entityId: string; readonly destination: string },
  provider: ServiceProvider,
  now: Date,
): LogoutRequest {
  return openSigned(arrival, provider.keys, ({ root, violations, relayState }) => {
    const wrong = wrongPart(root, own, provider, now) ?? (violations.length > 0 ? 'the schema' : undefined);
    if (wrong) throw new Refused('logout_refused', `LogoutRequest: ${wrong}`, { status: 403 });
    return {
      id: root.attribute('ID') ?? '',
      nameId: root.child(NS.saml, 'NameID')?.text ?? '',
      sessionIndex: root.child(NS.samlp, 'SessionIndex')?.text ?? '',
      relayState,
    };
  });
}

function wrongPart(
  root: XmlElement,
  own: { readonly entityId: string; readonly destination: string },
  provider: ServiceProvider,
  now: Date,
): string | undefined {
  if (root.namespace !== NS.samlp || root.name !== 'LogoutRequest') return 'another message';
  if (!root.attribute('ID')) return 'ID';
  if (root.attribute('Version') !== '2.0') return 'Version';
  const instant = parseInstant(root.attribute('IssueInstant') ?? '');
  if (!instant || Math.abs(instant.getTime() - now.getTime()) > SKEW_MS) return 'IssueInstant';
  if (root.attribute('Destination') !== own.destination) return 'Destination';
  const issuer = root.child(NS.saml, 'Issuer');
  const [format, qualifier] = [issuer?.attribute('Format'), issuer?.attribute('NameQualifier')];
  if (issuer?.text !== provider.entityId || format !== NAMEID_ENTITY || qualifier !== provider.entityId) {
    return 'Issuer';
  }
  const name = root.child(NS.saml, 'NameID');
  if (!name?.text || name.attribute('Format') !== NAMEID_TRANSIENT) return 'NameID';
  if (name.attribute('NameQualifier') !== own.entityId) return 'NameID';
  return root.child(NS.samlp, 'SessionIndex')?.text ? undefined : 'SessionIndex';
}

/** A signed message on its way through the browser. */
export type Departure =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'form'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

/**
 * The signed answer, by the binding the request came by (spid-register-and-logout, 3.2 and 3.3).
 * @param complete whether everything that hung on the session is closed now
 * @throws Refused `logout_endpoint` when the service publishes nowhere to answer to
 */
export function answerLogout(
  request: LogoutRequest,
  complete: boolean,
  binding: Arrival['binding'],
  { provider, entityId, key }: { provider: ServiceProvider; entityId: string; key: SigningKey },
  now: Date,
): Departure {
  const destination = provider.logout[binding];
  if (!destination) throw new Refused('logout_endpoint', 'no SingleLogoutService for this binding');
  const status = 'urn:oasis:names:tc:SAML:2.0:status:';
  const code = complete
    ? xml`<samlp:StatusCode Value="${STATUS_SUCCESS}"/>`
    : xml`<samlp:StatusCode Value="${status}Requester"><samlp:StatusCode Value="${status}PartialLogout"/></samlp:StatusCode>`;
  const response =
    xml`<samlp:LogoutResponse xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}" ID="${newId()}" Version="2.0" IssueInstant="${formatInstant(now)}" Destination="${destination}" InResponseTo="${request.id}"><saml:Issuer Format="${NAMEID_ENTITY}" NameQualifier="${entityId}">${entityId}</saml:Issuer><samlp:Status>${code}</samlp:Status></samlp:LogoutResponse>`.toString();
  if (binding === 'redirect') {
    const { url } = redirectBinding(destination, 'SAMLResponse', response, request.relayState, key);
    return { kind: 'redirect', url };
  }
  const signed = signEnveloped(response, key, 'after-issuer');
  return {
    kind: 'form',
    action: destination,
    fields: postBinding('SAMLResponse', signed, request.relayState),
  };
}
