import type { Language } from '../../../identity/language.ts';

const it = {
  invitation: {
    title: 'Invito',
    text: (name: string) =>
      `${name ? `${name}, i` : 'I'}nserisci il codice che hai ricevuto: vale una volta sola e ti dà il ruolo per cui è stato fatto.`,
    code: 'Codice',
    accept: 'Conferma',
    offered: (name: string, entity: string) =>
      `${name ? `${name}, hai` : 'Hai'} ricevuto un invito a registrare i tuoi servizi per ${entity}.`,
    offeredUnion: (name: string) =>
      `${name ? `${name}, hai` : 'Hai'} ricevuto un invito ad amministrare tutto il gateway.`,
    offeredBy: (name: string) => `L’invito è di ${name} e vale`,
    offeredByCode: 'L’invito è stato fatto sul server e vale',
    until: 'fino al',
    acceptLink: 'Accetta l’invito',
    problems: {
      unknown: 'Il codice non è giusto, o non vale da molto tempo. Chiedine uno nuovo.',
      used: 'Questo invito è già stato usato. Se non sei stato tu, dillo subito a chi ti ha invitato.',
      expired: 'Questo invito è scaduto o è stato ritirato. Chiedine uno nuovo.',
      foreign: 'Questo invito è per un’altra persona: è legato al suo codice fiscale.',
      held: 'Hai già questo ruolo: l’invito non serve.',
    },
  },
  invitations: {
    intro:
      'Con un invito chi sviluppa un servizio, in comune o presso un fornitore, lo registra da sé. Vede solo i propri servizi, e li approvi tu.',
    open: 'In attesa',
    none: 'Nessun invito in attesa.',
    by: 'di',
    until: 'fino al',
    withdraw: 'Ritira l’invito',
    new: 'Invita qualcuno',
    make: 'Crea il collegamento',
    made: 'Invito creato',
    fields: {
      entity: 'Ente',
      guest: 'Chi inviti (nome, ditta)',
      fiscalNumber: 'Codice fiscale',
      days: 'Vale per',
    },
    fiscalNumberHint:
      'Se lo conosci: allora il collegamento vale solo per quella persona. Ne resta solo un’impronta.',
    days: (count: number) => (count === 1 ? '1 giorno' : `${count} giorni`),
    faults: {
      entity: 'Scegli un ente che amministri.',
      guest: 'Scrivi un nome, fino a 80 caratteri.',
      fiscalNumber: 'Non è un codice fiscale: controlla le lettere e le cifre.',
      days: 'Scegli una durata.',
    },
    once: (guest: string) => `Manda ora questo collegamento a ${guest}: non sarà più mostrato.`,
    next: 'Vale una volta sola. Chi lo apre entra con SPID, accetta e registra il suo servizio; tu lo trovi tra i servizi in attesa di approvazione.',
    back: 'Torna agli inviti',
  },
};

const en: typeof it = {
  invitation: {
    title: 'Invitation',
    text: (name) =>
      `${name ? `${name}, e` : 'E'}nter the code you were given: it works once and gives you the role that it was made for.`,
    code: 'Code',
    accept: 'Confirm',
    offered: (name, entity) =>
      `${name ? `${name}, you` : 'You'} are invited to register your services for ${entity}.`,
    offeredUnion: (name) => `${name ? `${name}, you` : 'You'} are invited to administer the whole gateway.`,
    offeredBy: (name) => `The invitation is by ${name} and holds`,
    offeredByCode: 'The invitation was made on the server and holds',
    until: 'until',
    acceptLink: 'Accept the invitation',
    problems: {
      unknown: 'The code is wrong, or has not been valid for long. Ask for a new one.',
      used: 'This invitation was used before. If that was not you, tell whoever invited you at once.',
      expired: 'This invitation has ended or was withdrawn. Ask for a new one.',
      foreign: 'This invitation is for somebody else: it is tied to her codice fiscale.',
      held: 'You have this role already: there is no need of the invitation.',
    },
  },
  invitations: {
    intro:
      'With an invitation whoever develops a service, at a municipality or a supplier, registers it herself. She sees her own services only, and you approve them.',
    open: 'Waiting',
    none: 'No invitation is waiting.',
    by: 'by',
    until: 'until',
    withdraw: 'Withdraw the invitation',
    new: 'Invite somebody',
    make: 'Make the link',
    made: 'The invitation is made',
    fields: {
      entity: 'Body',
      guest: 'Whom you invite (name, company)',
      fiscalNumber: 'Fiscal code (codice fiscale)',
      days: 'Holds for',
    },
    fiscalNumberHint:
      'If you know it: then the link is for that person only. Only a fingerprint of it is kept.',
    days: (count) => (count === 1 ? '1 day' : `${count} days`),
    faults: {
      entity: 'Choose a body that you administer.',
      guest: 'Write a name, up to 80 characters.',
      fiscalNumber: 'This is no codice fiscale: check letters and digits.',
      days: 'Choose how long.',
    },
    once: (guest) => `Send this link to ${guest} now: it will not be shown again.`,
    next: 'It works once. Whoever opens it signs in with SPID, accepts and registers her service; you find it among the services that await approval.',
    back: 'Back to the invitations',
  },
};

/** Texts of invitations, for those who make them and those who get them. */
export const invitations: Readonly<Record<Language, typeof it>> = { it, en };
