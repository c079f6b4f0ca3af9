import { Misconfigured, Refused } from '../operations/errors.ts';

/** A command of the gateway's command line. Returns the exit code: 0 done, 1 failed, 2 wrongly called. */
export interface Command {
  readonly summary: string;
  /** Loaded only when called, so that no command pays for another's libraries. */
  readonly load: () => Promise<(args: string[], environment: NodeJS.ProcessEnv) => Promise<number>>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    summary: 'set up a gateway for production, asking for what it needs to know (init --help)',
    load: async () => (await import('./init.ts')).runInit,
  },
  admin: {
    summary: 'a one-time code for an administrator: admin invite [--config gateway.yaml]',
    load: async () => (await import('./admin.ts')).runAdmin,
  },
  audit: {
    summary: 'what administrators did: audit verify|export [--config gateway.yaml]',
    load: async () => (await import('./audit.ts')).runAudit,
  },
  client: {
    summary: 'services: client add|list|show|update|rotate-secret|suspend|export|import … (client --help)',
    load: async () => (await import('./client.ts')).runClient,
  },
  start: {
    summary: 'run the gateway: start [--config gateway.yaml]',
    load: async () => (await import('./start.ts')).runStart,
  },
  demo: {
    summary: 'try everything on this machine: demo [--login anna.rossi] [--check] [--port 3000] [--data DIR]',
    load: async () => (await import('./demo.ts')).runDemo,
  },
  keys: {
    summary: 'keys and certificates: keys create|show|calendar|rotate|withdraw (keys --help)',
    load: async () => (await import('./keys.ts')).runKeys,
  },
  plan: {
    summary: 'what would change for bodies and services to be as a file says: plan FILE (plan --help)',
    load: async () => (await import('./plan.ts')).runPlan,
  },
  apply: {
    summary: 'make them so: apply FILE [--plan DIGEST] [--retire-missing]',
    load: async () => (await import('./plan.ts')).runApply,
  },
  'processing-record': {
    summary: 'which service gets which data, why and on what legal basis: processing-record [--format csv]',
    load: async () => (await import('./processing-record.ts')).runProcessingRecord,
  },
  providers: {
    summary:
      'SPID identity providers: providers list|refresh, providers disable|enable ENTITYID [--notice-it TEXT] [--notice-en TEXT]',
    load: async () => (await import('./providers.ts')).runProviders,
  },
  register: {
    summary:
      'the transaction register: register search|show|export|report|verify|seal|purge|hold|cases … (docs/register.md)',
    load: async () => (await import('./register.ts')).runRegister,
  },
  logouts: {
    summary:
      'logouts that services were not told of yet: logouts list|retry [CLIENT] [--config gateway.yaml]',
    load: async () => (await import('./logouts.ts')).runLogouts,
  },
  citizen: {
    summary:
      'end all sessions of a citizen, codice fiscale on standard input: citizen revoke [--config gateway.yaml]',
    load: async () => (await import('./citizen.ts')).runCitizen,
  },
  check: {
    summary:
      'play a SPID provider against a service provider: check --against https://… [--html FILE] (docs/self-check.md)',
    load: async () => (await import('./check.ts')).runCheck,
  },
  entity: {
    summary: 'the bodies of this gateway: entity list|show|save|test-body|cease (entity --help)',
    load: async () => (await import('./entity.ts')).runEntity,
  },
  cert: {
    summary:
      'their certificates, and the change of keys: cert create|csr|import|check|list|retire (cert --help)',
    load: async () => (await import('./cert.ts')).runCert,
  },
  metadata: {
    summary:
      'their SPID metadata, from draft to in force: metadata draft|check|diff|seal|… (metadata --help)',
    load: async () => (await import('./metadata.ts')).runMetadata,
  },
  trace: {
    summary: 'what happened in a login: trace REFERENCE [--config gateway.yaml] [--json]',
    load: async () => (await import('./trace.ts')).runTrace,
  },
};

export async function runCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [name, ...rest] = args;
  const command = name === undefined ? undefined : COMMANDS[name];
  if (!command) {
    const wrong = name !== undefined && !['help', '--help', '-h'].includes(name);
    process[wrong ? 'stderr' : 'stdout'].write(
      `${wrong ? `There is no command "${name}".\n` : ''}${usage()}`,
    );
    return wrong ? 2 : 0;
  }
  try {
    const run = await command.load();
    return await run(rest, environment);
  } catch (error) {
    if (error instanceof Misconfigured || error instanceof Refused) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    if (isWrongOption(error)) {
      process.stderr.write(`${error.message}\n${name}: ${command.summary}\n`);
      return 2;
    }
    throw error;
  }
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);
  return `SPID gateway\n\nnpm run gateway -- COMMAND [OPTIONS]\n\n${lines.join('\n')}\n`;
}

/** What node:util's parseArgs throws when the words of a call are off. */
function isWrongOption(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
