import { runCommand } from './cli/commands.ts';
import { stopWithReader } from './cli/output.ts';

stopWithReader();
process.exitCode = await runCommand(process.argv.slice(2), process.env);
