import type { Language } from '../../identity/language.ts';

/** What the page at the end of a test login says. */
interface TestedText {
  readonly title: string;
  readonly text: string;
  readonly nothing: string;
  readonly provider: string;
  readonly level: string;
  readonly reference: string;
}

export const TESTED: Readonly<Record<Language, TestedText>> = {
  it: {
    title: 'Accesso di prova riuscito',
    text: 'La risposta del gestore di prova è stata verificata e accettata.',
    nothing: 'Non è stata aperta alcuna sessione e nessun servizio ha ricevuto dati.',
    provider: 'Gestore di prova',
    level: 'Livello SPID',
    reference: 'Codice di riferimento',
  },
  en: {
    title: 'Test login succeeded',
    text: 'The answer of the test provider was verified and accepted.',
    nothing: 'No session was opened and no service received any data.',
    provider: 'Test provider',
    level: 'SPID level',
    reference: 'Reference code',
  },
};
