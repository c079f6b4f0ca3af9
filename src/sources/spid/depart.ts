import { randomBytes, randomUUID } from 'node:crypto';
import { smallestCoveringSet, type AttributeSet, type Entity } from '../../entities/entity.ts';
import type { AttributeName } from '../../identity/attributes.ts';
import { Misconfigured, Refused } from '../../operations/errors.ts';
import { newId } from '../../saml/documents.ts';
import type { Departure, Login } from '../source.ts';
import type { SpidOptions } from './options.ts';
import { insert, sha256, type PendingRequest } from './pending.ts';
import { keepMetadata } from './proof.ts';
import type { IdentityProvider } from './registry.ts';
import { buildAuthnRequest, departBy, type Binding } from './request.ts';

/** Attributes the person key is made of: asked of the provider even when the client may not see them (one-identity, 1). */
const KEY_ATTRIBUTES: readonly AttributeName[] = ['spidCode', 'fiscalNumber'];

/**
 * Builds and signs the request from what is in force at the provider; writes the pending request and the register
 * entry before anything leaves.
 * @param only the set to ask for, of those in force; otherwise the smallest that suffices
 */
export async function depart(
  options: SpidOptions,
  entity: Entity,
  login: Login,
  offerId: string,
  only?: AttributeSet,
): Promise<Departure> {
  const provider = options.providers.find(offerId);
  if (!provider || options.isTestProvider(offerId) !== Boolean(login.client.testing))
    throw new Refused('unknown_provider', 'no such SPID identity provider for this service');
  const inForce = options.entities.inForce(entity.id, provider.entityId);
  if (!inForce) {
    throw new Misconfigured(
      'metadata_not_in_force',
      `no metadata of ${entity.id} is in force at ${provider.entityId}: say so with "metadata in-force" once AgID has confirmed`,
    );
  }
  const offered = only ? { attributeSets: [only] } : inForce;
  const set = smallestCoveringSet(offered, [...login.attributes, ...KEY_ATTRIBUTES]);
  if (!set) {
    throw new Misconfigured(
      'no_attribute_set',
      `no attribute set in force of ${entity.id} covers what ${login.client.id} wants`,
    );
  }
  const now = options.clock.now();
  const { binding, destination } = destinationOf(provider, options.binding(provider.entityId));
  const request = {
    entity,
    id: newId(),
    issueInstant: now,
    destination,
    level: login.level,
    comparison: options.comparison,
    // Above level 1 always (spid-authn-request, 1); at level 1 only if the service wants a fresh login.
    forceAuthn: login.forceAuthn || login.level > 1,
    purpose: login.client.policy?.purpose,
    acsIndex: inForce.assertionConsumer.index,
    attributeSetIndex: set.index,
  };
  const key = options.signingKey(entity, provider.entityId);
  const relayState = randomBytes(24).toString('base64url');
  const { departure, evidence } = departBy(binding, {
    xml: buildAuthnRequest(request),
    destination,
    relayState,
    key,
  });
  const transactionId = randomUUID();
  const pending: PendingRequest = {
    id: request.id,
    loginUid: login.uid,
    transactionId,
    reference: login.reference,
    clientId: login.client.id,
    entityId: entity.id,
    issuer: entity.entityId,
    provider: provider.entityId,
    destination,
    binding,
    issueInstant: now,
    level: login.level,
    comparison: options.comparison,
    forceAuthn: request.forceAuthn,
    ...(request.purpose ? { purpose: request.purpose } : {}),
    minimumLevel: login.client.minimumLevel,
    acsUrl: inForce.assertionConsumer.url,
    attributeSet: { index: set.index, attributes: set.attributes },
    requiredAttributes: login.client.attributes
      .filter((a) => a.required && login.attributes.includes(a.name))
      .map((a) => a.name),
    relayStateHash: sha256(relayState),
    createdAt: now,
    expiresAt: new Date(now.getTime() + options.requestMinutes * 60_000),
    consumedAt: null,
    answerHash: null,
  };
  await keepMetadata(options, provider);
  await options.store.transaction(async (transaction) => {
    await insert(transaction, pending);
    await options.register.append(transaction, {
      transactionId,
      reference: login.reference,
      at: now,
      kind: 'request',
      source: 'spid',
      entityId: entity.id,
      clientId: login.client.id,
      provider: provider.entityId,
      requestId: request.id,
      level: login.level,
      evidence: {
        ...evidence,
        binding,
        issuer: entity.entityId,
        destination,
        comparison: options.comparison,
        attributeSet: set.index,
        // Both versions in force: what was signed can be verified after any rollover.
        metadata: inForce.hash,
        providerMetadata: provider.metadataHash,
      },
    });
  });
  options.log.event({
    event: 'spid_request_sent',
    reference: login.reference,
    entity: entity.id,
    client: login.client.id,
    provider: provider.entityId,
    level: login.level,
  });
  return departure;
}

/** The preferred binding where the provider has it, else the other (spid-authn-request, 4). */
function destinationOf(
  provider: IdentityProvider,
  preferred: Binding,
): { binding: Binding; destination: string } {
  for (const binding of preferred === 'post'
    ? (['post', 'redirect'] as const)
    : (['redirect', 'post'] as const)) {
    const destination = provider.singleSignOn[binding];
    if (destination) return { binding, destination };
  }
  throw new Misconfigured(
    'no_single_sign_on',
    `${provider.entityId} publishes no usable SingleSignOnService`,
  );
}
