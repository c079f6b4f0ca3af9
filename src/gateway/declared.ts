import { administrationApi } from '../admin/api/resource.ts';
import type { Client } from '../clients/client.ts';
import type { DeclaredClient } from '../clients/register.ts';
import { apiViolations, type Api } from '../clients/api.ts';
import type { Offered } from '../clients/protocol-rules.ts';
import { withoutBasis } from '../clients/legal-basis.ts';
import { clientViolations } from '../clients/rules.ts';
import { missingForLive, type Check } from '../clients/state.ts';
import type { Configuration } from '../config/schema.ts';
import { declarationViolations } from '../entities/declarations.ts';
import type { Entity, EntityDeclaration } from '../entities/entity.ts';
import type { EntityRegister } from '../entities/register.ts';
import type { Violation } from '../entities/rules.ts';
import { Misconfigured } from '../operations/errors.ts';
import { isProduction } from './life-cycle.ts';

/**
 * The entities that the file declares, as far as the file alone tells.
 * @throws Misconfigured naming every rule that one of them breaks
 */
export function checkedEntities({ entities, publicUrl }: Configuration): readonly EntityDeclaration[] {
  const declarations = entities as readonly EntityDeclaration[];
  const surroundings = { publicUrl, origin: 'configuration', kept: new Map(), histories: new Map() } as const;
  refuseEntities(declarations, declarationViolations(declarations, surroundings));
  return declarations;
}

/**
 * Makes what the file declares be what the gateway works with, after comparing it with what was published before.
 * @throws Misconfigured naming every rule that one of them breaks; then nothing was written
 */
export async function applyEntities(
  register: EntityRegister,
  declarations: readonly EntityDeclaration[],
): Promise<void> {
  refuseEntities(declarations, await register.violations(declarations, 'configuration'));
  await register.followConfiguration(declarations);
}

function refuseEntities(
  declarations: readonly EntityDeclaration[],
  violations: readonly (Violation & { readonly id: string })[],
): void {
  refuseViolations(
    violations.flatMap(({ id, ...violation }) =>
      prefixed(`entities[${declarations.findIndex((declaration) => declaration.id === id)}]`, [violation]),
    ),
  );
}

/**
 * The clients that the file declares, as far as the file alone tells.
 * @throws Misconfigured naming every rule that one of them breaks
 */
export function checkedClients(
  configuration: Configuration,
  entities: readonly Pick<Entity, 'id' | 'attributeSets'>[],
): readonly DeclaredClient[] {
  const offered = offeredTo(configuration);
  const declared = configuration.clients.map(({ secrets, sector, ...rest }) => ({
    client: { ...rest, sector: sector ?? rest.entity } as Client,
    secrets,
  }));
  refuseViolations(
    declared.flatMap(({ client, secrets }, at) =>
      prefixed(`clients[${at}]`, [
        ...clientViolations(
          client,
          entities.find(({ id }) => id === client.entity),
          secrets.length,
          offered,
        ),
        ...(isProduction(configuration) ? unfitForLive({ client, secrets }) : []),
      ]),
    ),
  );
  return declared;
}

/** What the file declares is live at once, and has to be fit for citizens. */
function unfitForLive({ client, secrets }: DeclaredClient): Violation[] {
  const bases = withoutBasis(client).map((at) => ({
    rule: 'GDPR 13(1)(c)',
    key: `attributes[${at}].legalBasis`,
    found: 'nothing',
    allowed: 'the legal basis, such as { ground: public-task, law: "d.P.R. 160/2010, art. 4" }',
  }));
  const others = missingForLive(client, secrets.length, false).flatMap((check): Violation[] => {
    const fit = FIT[check];
    if (!fit) return [];
    const found = JSON.stringify(client[fit.key]) ?? 'nothing';
    return [{ rule: `going live: ${check}`, key: fit.key, found, allowed: fit.allowed }];
  });
  return [...others, ...bases];
}

/** What would do for a check of going live; legal bases and credentials are judged one by one. */
const FIT: Readonly<Partial<Record<Check, { readonly key: keyof Client; readonly allowed: string }>>> = {
  'https-redirects': { key: 'redirectUris', allowed: 'addresses on the web, none on this machine' },
  reachable: {
    key: 'jwksUri',
    allowed: 'like backchannelLogoutUri an address that is not in a network of one’s own',
  },
  'https-home': { key: 'homePage', allowed: 'an https URL' },
  'name-in-english': { key: 'name', allowed: 'an English name, too' },
};

/** Those of the file, and the gateway's own. */
function everyApi({ apis, publicUrl }: Configuration): readonly Api[] {
  return [administrationApi(publicUrl), ...(apis as readonly Api[])];
}

/** What the gateway as a whole offers its clients. */
export function offeredTo(configuration: Configuration): Offered {
  const { clientCertificates } = configuration;
  const presented = clientCertificates?.verifiedHeader ? 'verified' : 'presented';
  return { apis: everyApi(configuration), certificates: clientCertificates ? presented : 'none' };
}

/**
 * The union APIs that the file declares.
 * @throws Misconfigured naming every rule that one of them breaks
 */
export function checkedApis(configuration: Configuration): readonly Api[] {
  const { clients, clientCertificates, behindProxy } = configuration;
  const apis = configuration.apis as readonly Api[];
  refuseViolations([
    ...apis.flatMap((api, at) =>
      prefixed(
        `apis[${at}]`,
        apiViolations(api, everyApi(configuration).slice(0, at + 1), clients as unknown as readonly Client[]),
      ),
    ),
    ...(clientCertificates && !behindProxy
      ? [
          {
            rule: 'RFC 8705 6.5',
            key: 'clientCertificates',
            found: clientCertificates.header,
            allowed: 'only with behindProxy: true, for anybody else could write that header',
          },
        ]
      : []),
  ]);
  return everyApi(configuration);
}

function prefixed(path: string, violations: readonly Violation[]): Violation[] {
  return violations.map((violation) => ({ ...violation, key: `${path}.${violation.key}` }));
}

function refuseViolations(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const lines = violations.map(
    ({ rule, key, found, allowed }) => `  ${key}: found ${found}; allowed: ${allowed} (${rule})`,
  );
  throw new Misconfigured('configuration_invalid', `The configuration is not valid:\n${lines.join('\n')}`);
}
