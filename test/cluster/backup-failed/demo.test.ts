import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../e2e/stage/stage.ts';

const DEMO = join(ROOT, 'scripts', 'demo.ts');

test('the demo plays on a real cluster from a backup that really fails to the report', { timeout: 180_000 }, async () => {
  const child = spawn(process.execPath, [DEMO, '--real', '--yes'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text: string) => (told += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(told).toMatch(/Velero says: Failed, .*connection refused/);
  expect(told).toMatch(/Can be remedied: daily-tonight ended Failed because the storage did not answer/);
  const [, made] = /^ {4}\+ create Backup\/velero\/(daily-retry-[0-9a-f]{8})$/m.exec(told) ?? [];
  expect(told).toContain(`Verified: `);
  expect(told).toContain(`${made} Completed`);
  expect(told).toMatch(new RegExp(`^Written to the cluster: create Backup/velero/${made}$`, 'm'));
  expect(code).toBe(0);
});

test('where the cluster is not built and Go is missing, it says so, and what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-no-go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // Everything that the build needs beside Go.
  for (const tool of ['bash', 'cat', 'cut', 'dirname', 'flock', 'head', 'mkdir', 'sha256sum', 'sort', 'rm', 'mktemp']) {
    symlinkSync(spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim(), join(folder, tool));
  }
  const { status, stderr } = spawnSync(process.execPath, [DEMO, '--real', '--yes'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: folder, SALVOR_CLUSTER_CACHE: join(folder, 'cache') },
  });
  expect(stderr).toMatch(/Go is missing\. Install Go/);
  expect(stderr).toContain('Without one: npm run demo');
  expect(status).toBe(2);
});
