import type { Language } from '../../../identity/language.ts';

const it = {
  roles: {
    'union-administrator': 'Amministratore dell’unione',
    'municipality-administrator': 'Amministratore di un ente',
    auditor: 'Revisore (sola lettura)',
    'data-protection-officer': 'Responsabile della protezione dei dati',
    'service-developer': 'Sviluppatore di servizi (solo i propri)',
  },
  administrators: {
    add: 'Assegna un ruolo',
    addHint:
      'La persona entra con SPID e viene riconosciuta dal codice fiscale, di cui resta solo un’impronta.',
    name: 'Nome da mostrare in elenco',
    fiscalNumber: 'Codice fiscale',
    role: 'Ruolo',
    entity: 'Ente',
    wholeUnion: 'Tutta l’unione',
    grant: 'Assegna',
    revoke: 'Togli il ruolo',
    faults: {
      name: 'Scrivi un nome, fino a 80 caratteri.',
      fiscalNumber: 'Non è un codice fiscale: controlla le lettere e le cifre.',
      role: 'Scegli un ruolo.',
      entity:
        'Chi amministra un ente o ne sviluppa i servizi ha bisogno dell’ente; gli altri ruoli valgono per tutta l’unione.',
      exists: 'Questa persona ha già questo ruolo.',
    },
  },
};

const en: typeof it = {
  roles: {
    'union-administrator': 'Administrator of the union',
    'municipality-administrator': 'Administrator of one body',
    auditor: 'Auditor (reads only)',
    'data-protection-officer': 'Data protection officer',
    'service-developer': 'Service developer (own services only)',
  },
  administrators: {
    add: 'Give a role',
    addHint:
      'The person signs in with SPID and is known by the codice fiscale, of which only a fingerprint is kept.',
    name: 'Name to be shown in lists',
    fiscalNumber: 'Fiscal code (codice fiscale)',
    role: 'Role',
    entity: 'Body',
    wholeUnion: 'The whole union',
    grant: 'Give the role',
    revoke: 'Take the role away',
    faults: {
      name: 'Write a name, up to 80 characters.',
      fiscalNumber: 'This is no codice fiscale: check letters and digits.',
      role: 'Choose a role.',
      entity:
        'Whoever administers a body or develops its services needs the body; other roles are for the whole union.',
      exists: 'This person has this role already.',
    },
  },
};

/** Texts about administrators and their roles. */
export const administrators: Readonly<Record<Language, typeof it>> = { it, en };
