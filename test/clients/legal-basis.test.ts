import { expect, it } from 'vitest';
import { checkedClients } from '../../src/gateway/declared.ts';
import { checkConfiguration } from '../../src/config/load.ts';
import { demoConfiguration } from '../../src/demo/start.ts';
import { legalBasisViolations, type LegalBasis } from '../../src/clients/legal-basis.ts';

const purpose = { it: 'prova', en: 'trial' };

function declared(gatewayUrl: string, legalBasis?: LegalBasis) {
  const urls = { gatewayUrl, suapUrl: 'https://suap.example.it' };
  const { clients = [], ...rest } = demoConfiguration(urls, { port: 3000 }, 'secret');
  const attribute = { name: 'name' as const, purpose, ...(legalBasis ? { legalBasis } : {}) };
  const input = { ...rest, clients: clients.map((client) => ({ ...client, attributes: [attribute] })) };
  const origin = { file: 'test', directory: '/', environment: {} };
  const configuration = checkConfiguration(input, origin);
  return () => checkedClients(configuration, configuration.entities);
}

it('lets no live service of the file ask citizens for data without a legal basis', () => {
  expect(declared('https://accesso.example.it')).toThrow(
    /clients\[0\]\.attributes\[0\]\.legalBasis: found nothing/,
  );
  expect(declared('https://accesso.example.it', { ground: 'consent' })()).toHaveLength(2);
});

it('lets services of a gateway on this machine try things without one', () => {
  expect(declared('http://localhost:3000')()).toHaveLength(2);
});

it.each([
  ['public-task', undefined, 1],
  ['legal-obligation', ' ', 1],
  ['public-task', 'd.P.R. 160/2010, art. 4', 0],
  ['consent', undefined, 0],
] as const)('of %s with the law "%s" finds %i faults', (ground, law, faults) => {
  const legalBasis = { ground, ...(law === undefined ? {} : { law }) };
  expect(legalBasisViolations({ attributes: [{ legalBasis }] })).toHaveLength(faults);
});
