import type { EntityDeclaration } from './entity.ts';
import { TEST_IPA_CODE } from './names.ts';

/** The invented body that AgID's acceptance of an aggregator is done with, before there are real ones (Avviso 22; spid-aggregator, 6). */
export function testBody(aggregator: EntityDeclaration, publicUrl: string): EntityDeclaration {
  const name = 'Organizzazione fittizia per il collaudo';
  const localised = { it: name, en: name };
  const { organization, contact, locality, attributeSets } = aggregator;
  return {
    id: 'collaudo',
    entityId: `${publicUrl}/pub-ag-full/TEST`,
    organization: { name: localised, displayName: localised, url: organization.url },
    contact: { ipaCode: TEST_IPA_CODE, email: contact.email },
    locality,
    aggregator: aggregator.id,
    attributeSets,
  };
}
