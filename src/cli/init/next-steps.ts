import { entityOf, publicUrlOf, type Answers } from './answers.ts';

/** Something left to do by people. */
export interface Step {
  readonly what: string;
  readonly commands: readonly string[];
}

/** From a new configuration to citizens: what is to be sent to AgID, and how (spid-sp-metadata, 7). */
export function nextSteps(answers: Answers, config: string, passphraseFile: string | undefined): Step[] {
  const { id, entityId } = entityOf(answers);
  const gateway = (command: string) => `npm run gateway -- ${command} --config ${config}`;
  const passphrase = passphraseFile
    ? `Keep a copy of the passphrase (${passphraseFile}) apart from the copies of the keys`
    : 'Keep the passphrase apart from the copies of the keys';
  return [
    {
      what: `${passphrase}; both belong in your backup (docs/production.md). Without keys/secrets.json every citizen would become a stranger to the services.`,
      commands: [],
    },
    {
      what: `Lead ${publicUrlOf(answers)} to 127.0.0.1:3000 by a proxy with TLS (deploy/nginx.conf), and start the gateway.`,
      commands: [`npm start -- --config ${config}`],
    },
    {
      what: `Make the draft of the metadata a version. It is then served at ${entityId}, its address for ever.`,
      commands: [gateway(`metadata diff ${id}`), gateway(`metadata seal ${id}`)],
    },
    {
      what: `Check it with AgID's validator (validator.spid.gov.it), profile spid-sp-public: give it ${entityId}`,
      commands: [],
    },
    {
      what: `Tell AgID's SPID helpdesk, category "comunicazione metadata", the address ${entityId}; note that you did.`,
      commands: [gateway(`metadata submitted ${id} --version 1`)],
    },
    {
      what: "Pass AgID's technical acceptance: play its cases first against your own gateway (docs/self-check.md), then open test logins (sources.spid.testLogin) for AgID's validator.",
      commands: [`npm run gateway -- check --against ${publicUrlOf(answers)}`],
    },
    {
      what: 'Send AgID the signed convention (scheme of Determinazione 80/2018) by PEC, with the sheet of services, their levels and attributes, within 30 days of its confirmation.',
      commands: [],
    },
    {
      what: 'When AgID has confirmed that the providers have the metadata, note it: from then on citizens can enter.',
      commands: [gateway(`metadata in-force ${id} --version 1`)],
    },
    {
      what: 'Let the first administrator into the console, where services are registered.',
      commands: [gateway('admin invite')],
    },
  ];
}
