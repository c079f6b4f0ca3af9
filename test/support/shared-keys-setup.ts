import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place for the keys that the test gateways of one run share; shared-keys.ts fills it. */
export default function shareKeys(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-test-keys-'));
  process.env['TEST_KEYS'] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
