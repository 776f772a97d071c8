import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** The least that a site says, with somebody who may approve. */
export const SITE = `clusters: [{ name: prod, kubeconfig: ./kubeconfig, default: true }]
people: [{ name: ana, teams: [platform] }]
roles: { approver: [platform], commander: [platform], owner: [platform] }
`;

/** A folder of each test's own, gone behind it. `put` writes a file there and answers its path. */
export function freshFolder(): { readonly at: () => string; readonly put: (name: string, text: string) => string } {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'salvor-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    at: () => folder,
    put(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    },
  };
}
