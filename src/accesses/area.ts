import type { Area } from '../portal/area.ts';

/** A citizen's own accesses: what it needs to know of her is who she is. */
export const ACCESSES: Area = {
  id: 'accesses',
  path: '/accessi',
  name: { it: 'I miei accessi', en: 'My accesses' },
  level: 2,
  attributes: [
    {
      name: 'fiscalNumber',
      purpose: { it: 'trovare i tuoi accessi nel registro', en: 'to find your accesses in the register' },
      legalBasis: { ground: 'legal-obligation', law: 'Reg. (UE) 2016/679, art. 15' },
      required: true,
    },
  ],
  idleMinutes: 10,
  longestMinutes: 60,
};
