import type { Language } from '../../../identity/language.ts';

const it = {
  union_only: 'Questa modifica spetta a chi amministra l’unione.',
  entity_foreign: 'L’ente scelto non è tra quelli che amministri.',
  client_unknown: 'Il servizio non esiste, o non è del tuo ente.',
  client_fixed: 'Questo servizio è scritto nel file di configurazione: si cambia lì.',
  client_stale: 'Qualcun altro ha modificato il servizio nel frattempo. Riaprilo e ripeti la modifica.',
  client_exists: 'Esiste già un servizio con questo identificativo.',
  client_invalid: 'La versione scelta non rispetta più le regole di oggi: modifica il servizio a mano.',
  client_without_secret: 'Questo servizio non usa un segreto.',
  last_secret: 'È l’unico segreto: prima aggiungine uno nuovo, poi elimina questo.',
  secret_unknown: 'Questo segreto non c’è più.',
  version_unknown: 'Questa versione non c’è.',
  state_order: 'Il servizio non può passare a questo stato.',
  not_ready: 'La lista di controllo per andare (o restare) in esercizio non è completa.',
  same_person: 'L’ultima modifica è tua: deve approvarla un’altra persona.',
  last_administrator: 'È l’ultimo amministratore dell’unione: prima nominane un altro.',
  grant_unknown: 'Questo ruolo è già stato tolto.',
};

const en: typeof it = {
  union_only: 'This change is for those who administer the union.',
  entity_foreign: 'The body is not one that you administer.',
  client_unknown: 'There is no such service, or it is not of your body.',
  client_fixed: 'This service is written in the configuration file: change it there.',
  client_stale: 'Somebody else changed the service meanwhile. Open it again and repeat your change.',
  client_exists: 'There is a service with this id already.',
  client_invalid: 'That version does not keep the rules of today: change the service by hand.',
  client_without_secret: 'This service uses no secret.',
  last_secret: 'It is the only secret: add a new one first, then delete this one.',
  secret_unknown: 'This secret is gone.',
  version_unknown: 'There is no such version.',
  state_order: 'The service cannot pass to this state.',
  not_ready: 'The list for going live, and staying so, is not complete.',
  same_person: 'The last change is yours: somebody else has to approve it.',
  last_administrator: 'This is the last administrator of the union: appoint another first.',
  grant_unknown: 'This role was taken away already.',
};

/** Why an act of the console is refused, by error code. */
export const refusals: Readonly<Record<Language, typeof it>> = { it, en };
