import type { Language } from '../../../identity/language.ts';

const it = {
  intro:
    'Come il gateway è stato avviato. Si cambia nel file di configurazione, poi si riavvia: la spiegazione di ogni voce è in gateway.example.yaml.',
  key: 'Voce',
  value: 'Valore',
  source: 'Da dove viene',
  secret: 'un segreto, non mostrato',
  sources: {
    file: 'dal file',
    default: 'valore predefinito',
    environment: (place: string) => `dalla variabile d’ambiente ${place}`,
    'secret-file': (place: string) => `dal file ${place}`,
    text: 'scritto nel file di configurazione: meglio una variabile o un file a parte',
  },
};

const en: typeof it = {
  intro:
    'As the gateway was started. Change it in the configuration file and start again: gateway.example.yaml explains every key.',
  key: 'Key',
  value: 'Value',
  source: 'Where it comes from',
  secret: 'a secret, not shown',
  sources: {
    file: 'the file',
    default: 'the default',
    environment: (place) => `the environment variable ${place}`,
    'secret-file': (place) => `the file ${place}`,
    text: 'written in the configuration file: better a variable or a file of its own',
  },
};

/** Texts of the settings in force. */
export const settings: Readonly<Record<Language, typeof it>> = { it, en };
