import { Misconfigured, Refused, Unavailable } from '../operations/errors.ts';
import { complain, named } from './output.ts';

/** A command of the gateway's command line. */
interface Command {
  readonly summary: string;
  /** Loaded only when called, so that no command pays for another's libraries. */
  readonly load: () => Promise<Program>;
}

interface Program {
  /** What `--help` prints. */
  readonly USAGE: string;
  /** @returns the exit code: 0 done, 1 failed, 2 wrongly called */
  readonly run: (args: string[], environment: NodeJS.ProcessEnv) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    summary: 'set up a gateway for production, asking for what it needs to know (init --help)',
    load: async () => {
      const { USAGE, runInit: run } = await import('./init.ts');
      return { USAGE, run };
    },
  },
  admin: {
    summary: 'a one-time code for an administrator: admin invite [--config gateway.yaml]',
    load: async () => {
      const { USAGE, runAdmin: run } = await import('./admin.ts');
      return { USAGE, run };
    },
  },
  audit: {
    summary: 'what administrators did: audit verify|export [--config gateway.yaml]',
    load: async () => {
      const { USAGE, runAudit: run } = await import('./audit.ts');
      return { USAGE, run };
    },
  },
  client: {
    summary: 'services: client add|list|show|update|rotate-secret|suspend|export|import … (client --help)',
    load: async () => {
      const { USAGE, runClient: run } = await import('./client.ts');
      return { USAGE, run };
    },
  },
  start: {
    summary: 'run the gateway: start [--config gateway.yaml]',
    load: async () => {
      const { USAGE, runStart: run } = await import('./start.ts');
      return { USAGE, run };
    },
  },
  demo: {
    summary: 'try everything on this machine: demo [--login anna.rossi] [--check] [--port 3000] [--data DIR]',
    load: async () => {
      const { USAGE, runDemo: run } = await import('./demo.ts');
      return { USAGE, run };
    },
  },
  keys: {
    summary: 'keys and certificates: keys create|show|calendar|rotate|withdraw|rewrap (keys --help)',
    load: async () => {
      const { USAGE, runKeys: run } = await import('./keys.ts');
      return { USAGE, run };
    },
  },
  plan: {
    summary: 'what would change for bodies and services to be as a file says: plan FILE (plan --help)',
    load: async () => {
      const { USAGE, runPlan: run } = await import('./plan.ts');
      return { USAGE, run };
    },
  },
  apply: {
    summary: 'make them so: apply FILE [--plan DIGEST] [--retire-missing]',
    load: async () => {
      const { USAGE, runApply: run } = await import('./plan.ts');
      return { USAGE, run };
    },
  },
  'processing-record': {
    summary: 'which service gets which data, why and on what legal basis: processing-record [--format csv]',
    load: async () => {
      const { USAGE, runProcessingRecord: run } = await import('./processing-record.ts');
      return { USAGE, run };
    },
  },
  providers: {
    summary:
      'SPID identity providers: providers list|refresh, providers disable|enable ENTITYID [--notice-it TEXT] [--notice-en TEXT]',
    load: async () => {
      const { USAGE, runProviders: run } = await import('./providers.ts');
      return { USAGE, run };
    },
  },
  register: {
    summary:
      'the transaction register: register search|show|export|report|verify|seal|purge|hold|cases … (docs/register.md)',
    load: async () => {
      const { USAGE, runRegister: run } = await import('./register.ts');
      return { USAGE, run };
    },
  },
  logouts: {
    summary:
      'logouts that services were not told of yet: logouts list|retry [CLIENT] [--config gateway.yaml]',
    load: async () => {
      const { USAGE, runLogouts: run } = await import('./logouts.ts');
      return { USAGE, run };
    },
  },
  citizen: {
    summary:
      'end all sessions of a citizen, codice fiscale on standard input: citizen revoke [--config gateway.yaml]',
    load: async () => {
      const { USAGE, runCitizen: run } = await import('./citizen.ts');
      return { USAGE, run };
    },
  },
  check: {
    summary:
      'play a SPID provider against a service provider: check --against https://… [--html FILE] (docs/self-check.md)',
    load: async () => {
      const { USAGE, runCheck: run } = await import('./check.ts');
      return { USAGE, run };
    },
  },
  entity: {
    summary: 'the bodies of this gateway: entity list|show|save|test-body|cease (entity --help)',
    load: async () => {
      const { USAGE, runEntity: run } = await import('./entity.ts');
      return { USAGE, run };
    },
  },
  cert: {
    summary:
      'their certificates, and the change of keys: cert create|csr|import|check|list|retire (cert --help)',
    load: async () => {
      const { USAGE, runCert: run } = await import('./cert.ts');
      return { USAGE, run };
    },
  },
  metadata: {
    summary:
      'their SPID metadata, from draft to in force: metadata draft|check|diff|seal|… (metadata --help)',
    load: async () => {
      const { USAGE, runMetadata: run } = await import('./metadata.ts');
      return { USAGE, run };
    },
  },
  trace: {
    summary: 'what happened in a login: trace REFERENCE [--config gateway.yaml] [--json]',
    load: async () => {
      const { USAGE, runTrace: run } = await import('./trace.ts');
      return { USAGE, run };
    },
  },
};

export async function runCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [name, ...rest] = args;
  const command = name === undefined ? undefined : named(COMMANDS, name);
  if (name === undefined || !command) {
    const wrong = name !== undefined && !['help', '--help', '-h'].includes(name);
    process[wrong ? 'stderr' : 'stdout'].write(
      `${wrong ? `There is no command "${name}".\n` : ''}${usage()}`,
    );
    return wrong ? 2 : 0;
  }
  try {
    const { USAGE, run } = await command.load();
    if (rest[0] === 'help' || rest.includes('--help')) {
      process.stdout.write(USAGE);
      return 0;
    }
    const code = await run(rest, environment);
    return code === WRONGLY_CALLED ? wronglyCalled(name) : code;
  } catch (error) {
    if (isWrongOption(error)) {
      complain(name, error.message);
      return wronglyCalled(name);
    }
    const said = explained(error);
    if (said === undefined) throw error;
    process.stderr.write(`${said}\n`);
    return 1;
  }
}

const WRONGLY_CALLED = 2;

function wronglyCalled(name: string): number {
  process.stderr.write(`See: npm run gateway -- ${name} --help\n`);
  return WRONGLY_CALLED;
}

/** What an operator can do something about, in a sentence; undefined for what nobody foresaw. */
function explained(error: unknown): string | undefined {
  if (error instanceof Misconfigured || error instanceof Refused || error instanceof Unavailable)
    return error.message;
  // Of a file that was named in the call.
  if (error instanceof Error && 'path' in error && 'code' in error)
    return `${String(error.path)}: ${FILE_TROUBLE[String(error.code)] ?? `cannot be used (${String(error.code)})`}`;
  return undefined;
}

const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'is there already; nothing is written over it',
  EACCES: 'you may not; run this as the user that the gateway runs as',
  EISDIR: 'is a folder; allowed: a file',
  ENOSPC: 'the disk is full',
  EROFS: 'cannot be written there',
};

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);
  return `SPID gateway\n\nnpm run gateway -- COMMAND [OPTIONS]\n\n${lines.join('\n')}\n`;
}

/** What node:util's parseArgs throws when the words of a call are off. */
function isWrongOption(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
