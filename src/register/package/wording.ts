import type { EntrySummary } from '../entry.ts';

/** What the report calls things; Italian. */
export interface Names {
  readonly client: (id: string) => string;
  readonly provider: (entityId: string) => string;
  readonly entity: (id: string) => string;
  /** Of an attribute as identity providers call it. */
  readonly attribute: (name: string) => string;
  /** What a service reads in claims; each once. */
  readonly claims: (claims: readonly string[]) => readonly string[];
}

/** What went wrong, by the number that AgID has given it (spid-response-validation, 6.1). */
const ANOMALIES: Readonly<Record<string, string>> = {
  spid_nr19: 'le credenziali inserite presso il gestore erano ripetutamente errate',
  spid_nr20: 'l’utente non aveva presso il gestore credenziali del livello richiesto',
  spid_nr21: 'presso il gestore è scaduto il tempo per farsi riconoscere',
  spid_nr22: 'l’utente non ha acconsentito all’invio dei suoi dati',
  spid_nr23: 'l’identità era sospesa o revocata, o le credenziali bloccate',
  spid_nr25: 'l’utente ha annullato l’accesso presso il gestore',
  spid_nr30: 'l’identità usata non era del tipo richiesto',
};

/** Checks whose meaning is more than that of their family. */
const CHECKS: Readonly<Record<string, string>> = {
  C2: 'alla richiesta era già stata data una risposta: la stessa è arrivata di nuovo',
  A1: 'l’asserzione era già stata usata una volta',
};

/** Checks of a response, by their first letter (spid-response-validation). */
const FAMILIES: Readonly<Record<string, string>> = {
  T: 'il messaggio non aveva la forma di una risposta SPID',
  C: 'la risposta non corrispondeva a una richiesta ancora aperta',
  S: 'la firma non è risultata valida',
  R: 'il contenuto della risposta non rispettava le regole SPID',
  A: 'il contenuto dell’asserzione non rispettava le regole SPID',
};

const LOGOUTS: Readonly<Record<string, string>> = {
  partly: 'il gestore ha chiuso la sessione solo in parte',
  refused: 'il gestore non ha chiuso la sessione',
  logout_replayed: 'lo stesso messaggio era già arrivato',
};

/** Why a message was not accepted, for whoever knows no code; the code goes with it. */
export function reasonOf({ kind, outcome }: Pick<EntrySummary, 'kind' | 'outcome'>): string {
  const code = outcome ?? '';
  const [, family = ''] = /^([A-Z])\d+$/.exec(code) ?? [];
  const known = kind === 'response' ? (CHECKS[code] ?? FAMILIES[family] ?? ANOMALIES[code]) : LOGOUTS[code];
  const otherwise =
    kind === 'response' && code.startsWith('spid_')
      ? 'il gestore ha risposto con un errore'
      : 'il messaggio non ha superato i controlli';
  return `${known ?? otherwise} (codice ${code || 'sconosciuto'})`;
}

/** What happened, in words; whatever is undone or refused says so. */
export function sentence(entry: EntrySummary, names: Names): string {
  const service = entry.clientId ? `«${names.client(entry.clientId)}»` : 'il servizio';
  const provider = entry.provider ? names.provider(entry.provider) : 'sconosciuto';
  const accepted = entry.outcome === 'accepted';
  const read = names.claims(entry.claims).join(', ');
  const logout = accepted ? '' : `; non accettata: ${reasonOf(entry)}`;
  const told: Readonly<Record<string, string>> = {
    request: `L’utente è stato inviato al gestore di identità ${provider}, per farsi riconoscere.`,
    response: accepted
      ? `Il gestore di identità ${provider} ha attestato chi è l’utente: la risposta è stata accettata.`
      : `È arrivata una risposta, che non è stata accettata: ${reasonOf(entry)}. Con questa risposta nessuno è entrato.`,
    'no-answer': 'Nel tempo previsto non è arrivata nessuna risposta valida: nessuno è entrato.',
    granted: `L’utente è entrato nel servizio ${service} (codice di autorizzazione).`,
    tokens: `Il servizio ${service} ha ricevuto l’attestazione dell’accesso (token).`,
    released: `Il servizio ${service} ha letto: ${read || 'nessun dato che sia della persona'}.`,
    'logged-out': 'L’utente è uscito: la sessione è stata chiusa.',
    'logout-request': entry.outcome
      ? `Il gestore ${provider} ha chiesto di chiudere la sessione${logout}.`
      : `Al gestore ${provider} è stato chiesto di chiudere la sessione.`,
    'logout-response': entry.outcome
      ? `Risposta alla richiesta di chiudere la sessione${logout}.`
      : 'Risposta alla richiesta di chiudere la sessione.',
    destroyed: 'Voci del registro sono state distrutte perché il tempo di conservazione era finito.',
  };
  return told[entry.kind] ?? entry.kind;
}

/** How a transaction ended, in a few words. */
export function ending(story: readonly EntrySummary[]): string {
  const has = (kind: string) => story.some((entry) => entry.kind === kind);
  if (has('granted')) return 'accesso riuscito';
  const answers = story.filter(({ kind }) => kind === 'response');
  if (answers.some(({ outcome }) => outcome === 'accepted')) return 'riconosciuto, non entrato';
  if (answers.length > 0) return 'accesso non riuscito';
  if (has('no-answer')) return 'nessuna risposta';
  if (has('request')) return 'in attesa di risposta';
  const logouts = story.filter(({ kind }) => kind.startsWith('logout'));
  if (logouts.length === 0) return '–';
  const refused = logouts.some(
    ({ outcome }) => outcome !== null && outcome !== 'accepted' && outcome !== 'partly',
  );
  return refused ? 'richiesta di uscita non riuscita' : 'uscita';
}
