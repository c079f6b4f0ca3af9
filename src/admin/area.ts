import type { Area } from '../portal/area.ts';

const legalBasis = { ground: 'public-task', law: 'd.lgs. 82/2005, art. 64' } as const;
const purpose = {
  it: 'riconoscere chi amministra e scrivere nel registro delle attività chi ha fatto che cosa',
  en: 'to recognise administrators and to record who did what',
};

/** The console: level 2 at least, and not for long. */
export const CONSOLE: Area = {
  id: 'admin',
  path: '/admin',
  name: { it: 'Console di amministrazione', en: 'Administration console' },
  level: 2,
  attributes: [
    { name: 'fiscalNumber', purpose, legalBasis, required: true },
    { name: 'name', purpose, legalBasis, required: false },
    { name: 'familyName', purpose, legalBasis, required: false },
  ],
  idleMinutes: 20,
  longestMinutes: 8 * 60,
  // A service with a hundred addresses of 500 characters, its keys with their certificates, and two languages of purposes.
  largestForm: 256 * 1024,
};
