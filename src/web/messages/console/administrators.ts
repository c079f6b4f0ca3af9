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
    chooseRole: 'Scegli…',
    entity: 'Ente',
    wholeUnion: 'Tutta l’unione',
    grant: 'Assegna',
    revoke: 'Togli il ruolo',
    revokeHint: 'La persona perde il ruolo subito, anche se è dentro la console. Si può assegnare di nuovo.',
    revokeDeveloper:
      'La persona perde il ruolo subito, e i suoi servizi restano a chi amministra l’ente, anche se il ruolo le viene dato di nuovo. Conosce ancora i segreti che ha ricevuto: aggiungine di nuovi ed elimina quelli di prima.',
    onlyUnion:
      'Qui puoi togliere il ruolo a chi sviluppa i servizi del tuo ente; gli altri ruoli li assegna e li toglie chi amministra l’unione. Chi sviluppa servizi entra con un invito.',
    unnamed: 'senza nome',
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
    chooseRole: 'Choose…',
    entity: 'Body',
    wholeUnion: 'The whole union',
    grant: 'Give the role',
    revoke: 'Take the role away',
    revokeHint: 'The person loses the role at once, also inside the console. It can be given again.',
    revokeDeveloper:
      'The person loses the role at once, and her services are left to the administrators of the body, also if she gets the role again. She still knows the secrets that she was given: add new ones and delete those before.',
    onlyUnion:
      'Here you can take the role away from those who develop services of your body; other roles are given and taken by those who administer the union. Whoever develops services is let in by an invitation.',
    unnamed: 'without a name',
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
