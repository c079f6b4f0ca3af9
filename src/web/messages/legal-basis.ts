import type { LegalBasis, LegalGround } from '../../clients/legal-basis.ts';
import type { Language } from '../../identity/language.ts';

interface LegalBasisMessages {
  readonly label: string;
  readonly grounds: Readonly<Record<LegalGround, string>>;
}

/** The grounds of the GDPR in words that citizens understand. */
export const legalBasisMessages: Readonly<Record<Language, LegalBasisMessages>> = {
  it: {
    label: 'Base giuridica',
    grounds: {
      'public-task': 'compito di interesse pubblico',
      'legal-obligation': 'obbligo di legge',
      contract: 'contratto con te, o passi che hai chiesto per farlo',
      consent: 'il tuo consenso',
      'vital-interests': 'interesse vitale tuo o di altri',
    },
  },
  en: {
    label: 'Legal basis',
    grounds: {
      'public-task': 'task in the public interest',
      'legal-obligation': 'obligation by law',
      contract: 'contract with you, or steps you asked for towards one',
      consent: 'your consent',
      'vital-interests': 'vital interest of yours or of others',
    },
  },
};

/** `Legal basis: task in the public interest (d.P.R. 160/2010, art. 4)` */
export function legalBasisText(language: Language, { ground, law }: LegalBasis): string {
  const { label, grounds } = legalBasisMessages[language];
  return `${label}: ${grounds[ground]}${law ? ` (${law})` : ''}`;
}
