import type { Client } from '../../clients/client.ts';
import { newClientId } from '../../clients/client-id.ts';
import { clientDifferences } from '../../clients/differences.ts';
import type { Proposal } from '../../clients/proposals.ts';
import type { RegisteredClient } from '../../clients/registered.ts';
import { daysFrom } from '../../clients/secret-changes.ts';
import type { ClientState } from '../../clients/state.ts';
import { readClientFile } from '../../config/load.ts';
import { complain, day, differenceLines, show, table } from '../output.ts';
import { issueToken, listTokens, revokeToken } from './registration.ts';
import { everyClient, readInput, runExport, runImport, type ClientCall } from './files.ts';

interface Action {
  /** How many names follow it: at least, at most. */
  readonly names: readonly [number, number];
  readonly run: (call: ClientCall) => Promise<number>;
}

/** What can be done with services. Exit codes: 0 done, 1 refused (thrown), 2 wrongly called. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  list: { names: [0, 1], run: list },
  show: { names: [1, 1], run: showOne },
  add: { names: [1, 1], run: add },
  update: { names: [2, 2], run: update },
  'rotate-secret': { names: [1, 1], run: rotateSecret },
  submit: { names: [1, 1], run: (call) => setState(call, 'waiting') },
  test: { names: [1, 1], run: (call) => setState(call, 'test') },
  approve: { names: [1, 1], run: (call) => setState(call, 'live') },
  suspend: { names: [1, 1], run: (call) => setState(call, 'suspended') },
  resume: { names: [1, 1], run: (call) => setState(call, 'live') },
  retire: { names: [1, 1], run: (call) => setState(call, 'retired') },
  'approve-change': { names: [1, 2], run: approveChange },
  'withdraw-change': { names: [1, 2], run: withdrawChange },
  'registration-token': { names: [0, 0], run: issueToken },
  'registration-tokens': { names: [0, 0], run: listTokens },
  'revoke-registration-token': { names: [1, 1], run: revokeToken },
  export: { names: [0, Infinity], run: runExport },
  import: { names: [1, 1], run: runImport },
};

async function list({ clients, names: [text], entity, json }: ClientCall): Promise<number> {
  const [found, awaiting] = [[] as RegisteredClient[], new Set<string>()];
  for await (const client of everyClient(clients, { text, entityIds: entity ? [entity] : undefined }))
    found.push(client);
  for await (const { client, state } of everyClient(clients, { awaiting: true }))
    if (state !== 'waiting') awaiting.add(client.id);
  const rows = found.map(({ client: { id, entity: body, name }, state, origin, version }) => ({
    id,
    entity: body,
    name,
    state,
    origin,
    version,
    changeWaits: awaiting.has(id),
  }));
  const columns = rows.map(({ id, entity: body, name, state, origin, changeWaits }) => [
    id,
    body,
    changeWaits ? `${state}, a change waits` : state,
    origin,
    name.it,
  ]);
  show(json, rows, table([['id', 'entity', 'state', 'kept by', 'name'], ...columns]));
  return 0;
}

async function showOne({ clients, names: [id = ''], json }: ClientCall): Promise<number> {
  const found = await clients.get(id);
  const [secrets, missingForLive] = [await clients.secrets(id), await clients.missingForLive(found)];
  const proposal = await clients.proposal(id);
  show(json, { ...found, secrets, missingForLive, proposal: proposal ?? null }, [
    `${found.client.name.it} (${id}): ${found.state}, version ${found.version}, kept by ${found.origin}`,
    `missing for going live: ${missingForLive.join(', ') || 'nothing'}`,
    ...secrets.map(
      ({ created, expires, lastUsed }) =>
        `secret of ${day(created)}, last used ${day(lastUsed)}, ends ${day(expires)}`,
    ),
    ...(proposal ? proposalLines(found, proposal) : []),
    JSON.stringify(found.client, null, 2),
  ]);
  return 0;
}

function proposalLines({ client, version }: RegisteredClient, proposal: Proposal): string[] {
  const { id, author, at, base } = proposal;
  const withdraw = `client withdraw-change ${client.id} ${id}`;
  return [
    `proposed by ${author} on ${day(at)}: change ${id}`,
    ...differenceLines(clientDifferences(client, proposal.client)),
    base === version
      ? `Next: client approve-change ${client.id} ${id}, or ${withdraw}`
      : `It cannot be approved any more, for the service was changed after it. Next: ${withdraw}`,
  ];
}

async function approveChange(call: ClientCall): Promise<number> {
  const { clients, names, by, json } = call;
  const [id = '', change] = names;
  const [before, proposal] = [await clients.get(id), await clients.proposal(id)];
  if (change === undefined) return sayWhatWaits(call, before, proposal);
  await clients.approve(id, change, by);
  const { client, version } = await clients.get(id);
  show(json, { id, version }, [
    `${id} is changed: version ${version}`,
    ...differenceLines(clientDifferences(before.client, client)),
  ]);
  return 0;
}

async function withdrawChange(call: ClientCall): Promise<number> {
  const { clients, names, by, json } = call;
  const [id = '', change] = names;
  if (change === undefined) return sayWhatWaits(call, await clients.get(id), await clients.proposal(id));
  await clients.withdraw(id, change, by);
  show(json, { id, proposal: null }, [`${id} stays as it is.`]);
  return 0;
}

/** Nobody decides on what she has not seen: the change is named only where it is shown. */
function sayWhatWaits({ json }: ClientCall, found: RegisteredClient, proposal: Proposal | undefined): number {
  show(
    json,
    { id: found.client.id, proposal: proposal ?? null },
    proposal ? proposalLines(found, proposal) : [`${found.client.id}: no change waits.`],
  );
  return proposal ? complain('client', 'say which change: nothing was done') : 0;
}

async function add({ clients, names: [file = ''], by, json }: ClientCall): Promise<number> {
  const { id = newClientId(), sector, ...rest } = readClientFile(file, await readInput(file));
  const client = { ...rest, id, sector: sector ?? rest.entity } as Client;
  const secret = await clients.create(client, by);
  const { state } = await clients.get(id);
  show(json, { id, state, secret: secret ?? null }, [
    `client_id      ${id}`,
    ...(secret === undefined ? [] : [`client_secret  ${secret}`, 'The secret is not shown again.']),
    `state          ${state}. Next: client approve ${id}`,
  ]);
  return 0;
}

async function update(call: ClientCall): Promise<number> {
  const { clients, names, by, json } = call;
  const [id = '', file = ''] = names;
  const { sector, ...rest } = readClientFile(file, await readInput(file));
  const version = call.version ?? (await clients.get(id)).version;
  await clients.update(id, version, { ...rest, id, sector: sector ?? rest.entity } as Client, by);
  const waiting = await clients.proposal(id);
  show(json, { id, version: version + 1 }, [
    `${id} is changed: version ${version + 1}`,
    ...(waiting
      ? [
          `The change that ${waiting.author} proposed can no longer be approved: client withdraw-change ${id} ${waiting.id}`,
        ]
      : []),
  ]);
  return 0;
}

async function rotateSecret(call: ClientCall): Promise<number> {
  const { clients, names, by, json, clock } = call;
  const [id = ''] = names;
  const now = clock.now();
  const validity = { until: daysFrom(now, call.days), othersUntil: daysFrom(now, call.oldDays) };
  const secret = await clients.addSecret(id, validity, by);
  const others = validity.othersUntil ? `work until ${day(validity.othersUntil)}` : 'go on working';
  show(json, { id, secret, expires: validity.until ?? null, othersExpire: validity.othersUntil ?? null }, [
    `client_secret  ${secret}`,
    `The secret is not shown again. Those before it ${others}.`,
  ]);
  return 0;
}

async function setState({ clients, names, by, json }: ClientCall, to: ClientState): Promise<number> {
  const [id = ''] = names;
  const { version } = await clients.get(id);
  await clients.setState(id, version, to, by);
  show(json, { id, state: to }, [`${id} is ${to}.`]);
  return 0;
}
