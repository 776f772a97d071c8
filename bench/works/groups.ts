/**
 * 10,000 groups at once from the real Alertmanager: 10,000 alerts are posted to it, each of a group of its own, and it sends a webhook for each. How
 * long until all are answered 200, which means durable, and until all are folded; and how long answers took, by Alertmanager's own histogram, whose
 * buckets are coarse: printed is the bound below which 99 of 100 are. Beside it an endpoint of express that only reads the body.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../../test/e2e/stage/program.ts';
import { eventually, freePort } from '../../test/redis/server.ts';
import { openApiStub } from '../api-stub.ts';
import { startFloor } from '../floor.ts';
import { inside, pause, type Scope } from '../scope.ts';
import { get, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { type Figures, inTurns, type StoreName, type Subject, type Work } from '../work.ts';

const PROGRAM = 'prometheus-alertmanager';
const AT_ONCE = 1000;

export const groups: Work = {
  name: 'groups',
  about: '10,000 groups at once from the real Alertmanager, beside an endpoint of express that only reads the body.',
  floors: ['express'],
  lines: [
    { figure: 'lost', what: 'sent and not in the ledger, or failed', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
    { figure: 'durableS', what: 'until all are durable', unit: 's', digits: 1, floor: 'express', targets: [{ atMost: 15 }] },
    { figure: 'answerS', what: '99 of 100 answers took at most', unit: 's', targets: [{ atMost: 5 }] },
    { figure: 'handledS', what: 'until all are folded', unit: 's', digits: 1 },
  ],
  boundS: 240,
  missing: () =>
    spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : `${PROGRAM} is not installed (bash scripts/install-e2e.sh installs it)`,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const count = many(10_000, 100);
    const express = await startFloor(scope, 'express');
    return inTurns([
      ['express', () => inside(scope, (own) => sendAll(own, { url: express, count }))],
      ...stores.map((of): Subject => [of, () => inside(scope, (own) => measure(own, { of, api: api.url, count }))]),
    ]);
  },
};

type Asked = { readonly of: StoreName; readonly api: string; readonly count: number };

async function measure(scope: Scope, { of, api, count }: Asked): Promise<Figures> {
  const salvor = await (await openSite(scope, { of, api })).start();
  const startedMs = performance.now();
  const { failed = 0, ...figures } = await sendAll(scope, { url: salvor.webhook, count });
  const { accepted } = await salvor.ledger();
  const foldedMs = await salvor.folded(count);
  return { ...figures, handledS: (foldedMs - startedMs) / 1000, lost: Math.max(0, count - accepted) + failed };
}

async function sendAll(scope: Scope, { url, count }: { readonly url: string; readonly count: number }): Promise<Figures> {
  const alertmanager = await startAlertmanager(scope, url);
  const startedMs = performance.now();
  for (let at = 0; at < count; at += AT_ONCE) {
    const alerts = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, turn) => ({
      labels: { alertname: 'BenchCounted', cluster: 'prod', severity: 'warning', mark: `m${at + turn}` },
      annotations: { summary: 'A backup failed' },
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    }));
    await post(`${alertmanager}/api/v2/alerts`, JSON.stringify(alerts));
  }
  for (;;) {
    const { text } = await get(`${alertmanager}/metrics`);
    const seen = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*integration="webhook"[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    const taken = seen('alertmanager_notification_latency_seconds_count') - seen('alertmanager_notification_requests_failed_total');
    const failed = seen('alertmanager_notifications_failed_total');
    if (taken + failed >= count) return { durableS: (performance.now() - startedMs) / 1000, answerS: boundOf(text, 0.99), failed };
    await pause(50);
  }
}

/** The smallest bound of the histogram below which so many of its answers are; seconds. */
function boundOf(text: string, part: number): number {
  const buckets = [...text.matchAll(/^alertmanager_notification_latency_seconds_bucket\{[^}]*integration="webhook"[^}]*le="([^"]+)"[^}]*\} (\S+)$/gm)];
  const total = Math.max(...buckets.map(([, , count]) => Number(count)));
  const bound = buckets.find(([, , count]) => Number(count) >= total * part)?.[1];
  return bound === undefined || bound === '+Inf' ? Number.MAX_SAFE_INTEGER : Number(bound);
}

/** Each alert is a group of its own, and is sent at once. Its address. */
async function startAlertmanager(scope: Scope, url: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(
    file,
    `route: { receiver: salvor, group_by: ['...'], group_wait: 0s, group_interval: 5m, repeat_interval: 4h }
receivers: [{ name: salvor, webhook_configs: [{ url: '${url}', max_alerts: 500 }] }]
`,
  );
  const port = await freePort();
  const args = [
    `--config.file=${file}`,
    `--storage.path=${folder}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ];
  const program = startProgram('alertmanager', PROGRAM, args);
  scope.onClose(async () => {
    program.signal('SIGKILL');
    await program.ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const address = `http://127.0.0.1:${port}`;
  await eventually(async () => (await get(`${address}/-/ready`)).status === 200, 'Alertmanager');
  return address;
}
