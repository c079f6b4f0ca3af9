import { complain } from './register/open.ts';

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
  const [name, ...rest] = args;
  const action = name === undefined ? undefined : ACTIONS[name];
  if (!action) return complain(`say what to do: ${Object.keys(ACTIONS).join(', ')}`);
  return (await action())(rest, environment);
}
