import { complain, day, show, table } from '../output.ts';
import type { ClientCall } from './files.ts';

/** `registration-token`: prints a token, once, by which a program registers services of a body. */
export async function issueToken(call: ClientCall): Promise<number> {
  const { tokens, entity, hosts, days = 30, uses = 1, by, json } = call;
  if (entity === undefined || hosts === undefined)
    return complain('client', 'registration-token: say --entity ID and --hosts A,B');
  const { id, token } = await tokens.issue({ entityId: entity, hosts, days, uses }, by);
  show(json, { id, token, entity, hosts, days, uses }, [
    `id     ${id}`,
    `token  ${token}`,
    `The token is not shown again. Until ${days} days from now it registers ${uses} service(s) of ${entity} on ${hosts.join(', ')}.`,
  ]);
  return 0;
}

export async function listTokens({ tokens, json }: ClientCall): Promise<number> {
  const found = await tokens.list();
  const rows = found.map(({ id, entityId, uses, usesLeft, expiresAt, revoked, hosts }) => [
    id,
    entityId,
    `${usesLeft} of ${uses}`,
    revoked ? 'revoked' : day(expiresAt),
    hosts.join(', '),
  ]);
  show(json, found, table([['id', 'entity', 'uses left', 'ends', 'hosts'], ...rows]));
  return 0;
}

export async function revokeToken({ tokens, names: [id = ''], by, json }: ClientCall): Promise<number> {
  await tokens.revoke(id, by);
  show(json, { id, revoked: true }, [`${id} registers nothing any more. What it registered stays.`]);
  return 0;
}
