import { named, noAction } from './output.ts';

export const USAGE = `register search|show|export --as NAME --reason TEXT, and what it covers:
                  --person (codice fiscale on standard input), --reference CODE, --id ID, or --from DAY --to DAY;
                  narrower with --service ID, --provider ENTITYID, --entity ID.
                  --consultation ID instead of --reason and these: one that was agreed to.
                  show and export: --transaction ID; export: --out FILE.zip; search and show: --json
register report --month 2026-10 [--entity ID]       monthly use as CSV, small numbers kept back
register verify [--entity ID] [--seals FILE] [--json]
                                                    whether anything was removed, altered, moved or dated back
register seal [--all]                               seals every chain; prints the new seals, or all there are
register purge [--dry-run] [--despite-audit-faults] destroys what is older than its retention
register hold place --as NAME --reason TEXT, and one of --entity ID, --reference CODE, --person
register hold lift ID --as NAME                     ends a legal hold
register hold list                                  all there ever were
register cases list [--all]                         accesses that citizens say were not theirs
register cases close ID --as NAME --outcome hers|not-hers|unclear

Options: --config gateway.yaml; docs/register.md. Exit codes: 0 done, 1 refused, or verify found something, 2 wrongly called.
`;

type Run = (args: string[], environment: NodeJS.ProcessEnv) => Promise<number>;

/** What can be done with the register, a file each in register/. */
const ACTIONS: Readonly<Record<string, () => Promise<Run>>> = {
  cases: async () => (await import('./register/cases.ts')).runCases,
  export: async () => (await import('./register/consult.ts')).runExport,
  hold: async () => (await import('./register/hold.ts')).runHold,
  purge: async () => (await import('./register/purge.ts')).runPurge,
  report: async () => (await import('./register/report.ts')).runReport,
  search: async () => (await import('./register/consult.ts')).runSearch,
  seal: async () => (await import('./register/seal.ts')).runSeal,
  show: async () => (await import('./register/consult.ts')).runShow,
  verify: async () => (await import('./register/verify.ts')).runVerify,
};

/** `register ACTION …`: see docs/register.md. */
export async function runRegister(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [name = '', ...rest] = args;
  const action = named(ACTIONS, name);
  if (!action) return noAction('register', name);
  return (await action())(rest, environment);
}
