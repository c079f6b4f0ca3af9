import type { Language } from '../../../identity/language.ts';

const it = {
  form: {
    wrong: (found: string) => `«${found}» non va bene.`,
    wrongBecause: (found: string, problem: string) => `«${found}»: ${problem}.`,
    wrongHere: (problem: string) => `${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}.`,
    problems: {
      address: 'serve un indirizzo completo, come https://servizio.comune.example.it/ritorno',
      fragment: 'va tolto «#» con quello che segue',
      user: 'va tolto il nome utente prima di «@»',
      pattern: 'serve l’indirizzo esatto, senza asterischi',
      https: 'deve cominciare con https:// (http:// solo su questo computer, per prova)',
      scheme: 'serve https://, http:// su questo computer, oppure lo schema dell’app, come it.example.app:',
      long: 'al massimo 500 caratteri',
      why: 'scrivi perché serve, fino a 200 caratteri',
      basis: 'scegli la base giuridica',
      law: 'scrivi la norma, fino a 200 caratteri: la vogliono il compito di interesse pubblico e l’obbligo di legge',
      set: 'Questi dati non stanno tutti insieme in un insieme di attributi dell’ente: chiedine meno, o fai aggiungere l’insieme ai metadati dell’ente.',
    },
    toReview: 'Continua',
    rest: 'Tutto il resto',
    uploadKeys: 'Oppure scegli il file del JWKS',
    web: 'Applicazione web, con un server',
    native: 'App per telefono o computer',
    wants: 'Il servizio lo chiede?',
    no: 'No',
    yes: 'Sì, se c’è',
    required: 'Sì, indispensabile',
    indispensable: 'indispensabile',
    whyIt: 'Perché serve (in italiano)',
    whyEn: 'Perché serve (in inglese)',
    basis: 'Base giuridica',
    chooseBasis: 'Scegli…',
    lawShort: 'Norma',
    law: 'Norma che lo prevede (per esempio: d.P.R. 160/2010, art. 4)',
    methods: {
      client_secret_basic: 'Un segreto, nell’intestazione (consigliato)',
      client_secret_post: 'Un segreto, nel corpo della richiesta',
      private_key_jwt: 'Una chiave privata del servizio',
      tls_client_auth: 'Un certificato di un’autorità',
      self_signed_tls_client_auth: 'Un certificato autofirmato',
      none: 'Niente: app senza un server',
    },
    fields: {
      entity: {
        label: 'Ente',
        hint: 'A nome di chi il cittadino entra.',
        allowed: 'Scegli un ente che amministri.',
      },
      nameIt: {
        label: 'Nome del servizio',
        hint: 'Come lo legge il cittadino prima di entrare.',
        allowed: 'Scrivi un nome, fino a 100 caratteri.',
      },
      nameEn: {
        label: 'Nome in inglese',
        hint: 'Se manca, si usa quello italiano.',
        allowed: 'Al massimo 100 caratteri.',
      },
      homePage: {
        label: 'Pagina iniziale',
        hint: 'Dove torna chi si è perso.',
        allowed: 'Scrivi un indirizzo completo, come https://servizio.comune.example.it/',
      },
      contacts: {
        label: 'Contatti',
        hint: 'Indirizzi e-mail di uffici o fornitori, uno per riga: avvisati quando un segreto sta per finire.',
        allowed: 'Scrivi indirizzi e-mail, al massimo cinque.',
      },
      applicationType: {
        label: 'Tipo di applicazione',
        hint: 'Decide quali indirizzi sono ammessi.',
        allowed: '',
      },
      redirectUris: {
        label: 'Indirizzi di ritorno',
        hint: 'Uno per riga, esatti: dove il cittadino torna dopo l’accesso.',
        allowed: 'Serve https, senza «#», asterischi o nome utente; http solo su questo computer, per prova.',
      },
      postLogoutRedirectUris: {
        label: 'Indirizzi dopo l’uscita',
        hint: 'Uno per riga. Si possono lasciare vuoti.',
        allowed: 'Serve https, senza «#», asterischi o nome utente; http solo su questo computer, per prova.',
      },
      authMethod: {
        label: 'Come si fa riconoscere il servizio',
        hint: 'Quasi sempre va bene la prima risposta.',
        allowed: 'Scegli uno dei modi in elenco, adatto alle altre risposte.',
      },
      jwksUri: {
        label: 'Indirizzo delle chiavi pubbliche',
        hint: 'Solo per chi usa una chiave privata (JWKS).',
        allowed: 'Serve l’indirizzo https a cui il servizio pubblica le sue chiavi.',
      },
      jwks: {
        label: 'Chiavi pubbliche',
        hint: 'In alternativa all’indirizzo: incolla il JWKS. Mai una chiave privata.',
        allowed:
          'Serve un JWKS in JSON con sole chiavi pubbliche, oppure il loro indirizzo: non tutti e due.',
      },
      minimumLevel: {
        label: 'Livello minimo',
        hint: 'Per la maggior parte dei servizi il livello 2.',
        allowed: '',
      },
      attributes: {
        label: 'Dati chiesti al cittadino',
        hint: 'Solo quelli che servono, ciascuno con il perché e la base giuridica: il cittadino lo legge prima di entrare.',
        allowed:
          'Ogni dato ha bisogno di un perché (fino a 200 caratteri) e di una base giuridica, con la norma se è un compito di interesse pubblico o un obbligo di legge; tutti insieme devono stare in un insieme di attributi dell’ente.',
      },
    },
  },
  review: {
    think: 'Prima di confermare, pensa a questo',
    differences: 'Che cosa cambia',
    whole: 'Come sarebbe il servizio',
    same: 'Niente.',
    proposed:
      'Il servizio è in esercizio: la modifica vale quando un’altra persona l’approva. Fino ad allora resta tutto com’è.',
    replaced: 'C’è già una modifica in attesa: questa prende il suo posto.',
    propose: 'Proponi la modifica',
    back: 'Torna a correggere',
    warnings: {
      loopback: 'Un indirizzo di ritorno è su un computer locale: va bene per le prove, non per i cittadini.',
      public: 'Il servizio non si fa riconoscere: va bene solo per app senza un server.',
      levelOne: 'Il livello 1 è solo nome utente e password: evitalo dove si vedono dati personali.',
      manyData: 'Chiedi molti dati: per ciascuno deve esserci davvero un bisogno.',
      noFiscalNumber: 'Senza il codice fiscale il servizio riconosce la persona, ma non sa chi è.',
      movedEntity: 'Cambiando ente, per il servizio tutti i cittadini diventano nuovi.',
      newRedirect: 'C’è un nuovo indirizzo di ritorno: chi lo controlla riceve gli accessi.',
    },
  },
};

const en: typeof it = {
  form: {
    wrong: (found) => `“${found}” will not do.`,
    wrongBecause: (found, problem) => `“${found}”: ${problem}.`,
    wrongHere: (problem) => `${problem.slice(0, 1).toUpperCase()}${problem.slice(1)}.`,
    problems: {
      address: 'it has to be a whole address, such as https://service.comune.example.it/return',
      fragment: 'take out “#” and what follows it',
      user: 'take out the user name before “@”',
      pattern: 'it has to be the exact address, without asterisks',
      https: 'it has to begin with https:// (http:// on this computer only, for trials)',
      scheme:
        'it has to be https://, http:// on this computer, or the scheme of the app, such as it.example.app:',
      long: '500 characters at most',
      why: 'write why it is needed, up to 200 characters',
      basis: 'choose the legal basis',
      law: 'write the provision, up to 200 characters: a task in the public interest and an obligation by law need it',
      set: 'No attribute set of the body has all of these together: ask for less, or have a set added to the metadata of the body.',
    },
    toReview: 'Continue',
    rest: 'Everything else',
    uploadKeys: 'Or choose the file of the JWKS',
    web: 'Web application with a server',
    native: 'App for telephone or computer',
    wants: 'Does the service ask for it?',
    no: 'No',
    yes: 'Yes, if there is one',
    required: 'Yes, indispensable',
    indispensable: 'indispensable',
    whyIt: 'Why it is needed (in Italian)',
    whyEn: 'Why it is needed (in English)',
    basis: 'Legal basis',
    chooseBasis: 'Choose…',
    lawShort: 'Provision',
    law: 'Provision it rests on (for example: d.P.R. 160/2010, art. 4)',
    methods: {
      client_secret_basic: 'A secret, in the header (recommended)',
      client_secret_post: 'A secret, in the body of the request',
      private_key_jwt: 'A private key of the service',
      tls_client_auth: 'A certificate of an authority',
      self_signed_tls_client_auth: 'A self-signed certificate',
      none: 'Nothing: an app without a server',
    },
    fields: {
      entity: {
        label: 'Body',
        hint: 'In whose name the citizen enters.',
        allowed: 'Choose a body that you administer.',
      },
      nameIt: {
        label: 'Name of the service',
        hint: 'As citizens read it before they enter.',
        allowed: 'Write a name, up to 100 characters.',
      },
      nameEn: {
        label: 'Name in English',
        hint: 'If there is none, the Italian one is used.',
        allowed: 'At most 100 characters.',
      },
      homePage: {
        label: 'Home page',
        hint: 'Where who is lost gets back to.',
        allowed: 'Write a whole address, such as https://service.comune.example.it/',
      },
      contacts: {
        label: 'Contacts',
        hint: 'E-mail addresses of offices or suppliers, one a line: told when a secret is about to end.',
        allowed: 'Write e-mail addresses, five at most.',
      },
      applicationType: {
        label: 'Kind of application',
        hint: 'Decides which addresses are allowed.',
        allowed: '',
      },
      redirectUris: {
        label: 'Return addresses',
        hint: 'One a line, exact: where the citizen returns to after the login.',
        allowed:
          'It has to be https, without “#”, asterisk or user name; http on this computer only, for trials.',
      },
      postLogoutRedirectUris: {
        label: 'Addresses after leaving',
        hint: 'One a line. May be left empty.',
        allowed:
          'It has to be https, without “#”, asterisk or user name; http on this computer only, for trials.',
      },
      authMethod: {
        label: 'How the service proves itself',
        hint: 'Nearly always the first answer is right.',
        allowed: 'Choose one of the ways listed that fits the other answers.',
      },
      jwksUri: {
        label: 'Address of its public keys',
        hint: 'Only for those who use a private key (JWKS).',
        allowed: 'It has to be the https address at which the service publishes its keys.',
      },
      jwks: {
        label: 'Public keys',
        hint: 'Instead of the address: paste the JWKS. Never a private key.',
        allowed: 'It has to be a JWKS in JSON with public keys only, or their address: not both.',
      },
      minimumLevel: { label: 'Lowest level', hint: 'For most services level 2.', allowed: '' },
      attributes: {
        label: 'Data asked of the citizen',
        hint: 'Only what is needed, each with reason and legal basis: citizens read it before they enter.',
        allowed:
          'Each needs a reason (up to 200 characters) and a legal basis, with the provision where it is a task in the public interest or an obligation by law; all together have to be in one attribute set of the body.',
      },
    },
  },
  review: {
    think: 'Think of this before you confirm',
    differences: 'What changes',
    whole: 'What the service would be',
    same: 'Nothing.',
    proposed:
      'The service is live: the change takes effect when another person approves it. Until then all stays as it is.',
    replaced: 'A change is waiting already: this one takes its place.',
    propose: 'Propose the change',
    back: 'Back to correct',
    warnings: {
      loopback: 'A return address is on a local computer: good for trials, not for citizens.',
      public: 'The service does not prove itself: right only for apps without a server.',
      levelOne: 'Level 1 is user name and password only: avoid it where personal data is seen.',
      manyData: 'You ask for much: there has to be a real need for each.',
      noFiscalNumber: 'Without the codice fiscale the service knows the person again, but not who she is.',
      movedEntity: 'With another body all citizens become new ones to the service.',
      newRedirect: 'There is a new return address: whoever controls it gets the logins.',
    },
  },
};

/** Texts of the form of a service and of its review. */
export const serviceForm: Readonly<Record<Language, typeof it>> = { it, en };
