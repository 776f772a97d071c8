import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

const PROGRAMS = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'];

const missing = PROGRAMS.filter((program) => !isInstalled(program));
if (missing.length > 0) {
  const reason = `Not tested here: ${missing.join(', ')} not installed (bash scripts/install-e2e.sh installs them)`;
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(reason);
}

/**
 * A group of tests that drive Debian's Prometheus and Alertmanager. Without them it is left out on a developer's machine, which says so;
 * in CI it fails.
 */
export const describeWithPrograms = missing.length > 0 ? describe.skip : describe;

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
