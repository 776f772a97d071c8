import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('../../../src/kube/', import.meta.url);

test('the client library is loaded by opening a cluster and by nothing else', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(15);
  const uses = files.flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8')
      .split('\n')
      .filter((line) => line.includes("'@kubernetes/client-node'") && !line.startsWith('import type '))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(uses).toEqual(["open-cluster.ts: const client = await import('@kubernetes/client-node');"]);
});
