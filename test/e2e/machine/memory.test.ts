import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { DAILY, openSite, serveApart, TOKENS, untilRun } from '../../contract/serve/site.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';
import { until } from '../stage/until.ts';

const MIB = 1024 * 1024;
const LIMIT_MIB = 256;
/** What Node takes of a container of that size for its heap: half of it. The rest is code, buffers, SQLite and its log. */
const HEAP_MIB = 128;
const ALERTS = 5000;
const PER_BODY = 50;

const linux = process.platform === 'linux';

test.skipIf(!linux)(
  `with ${LIMIT_MIB} MiB it takes ${ALERTS} alerts, goes on with its work, and dies of nothing${linux ? '' : ' (not tried: needs /proc)'}`,
  { timeout: 240_000 },
  async () => {
    const site = await openSite();
    const serving = await serveApart(site, ['env', `NODE_OPTIONS=--max-old-space-size=${HEAP_MIB}`]);
    const { pid } = serving.program;
    const idle = memoryOf(pid, 'RssAnon');
    let own = idle;
    const sampler = setInterval(() => {
      own = Math.max(own, memoryOf(pid, 'RssAnon'));
    }, 50);
    onTestFinished(() => clearInterval(sampler));
    await serving.alert(DAILY);
    const run = await untilRun(serving, 'proposed');

    // Alerts that nobody answers, in large bodies, and one backup that failed many times over; both are read, folded and kept.
    let [accepted, refused] = [1, 0];
    const send = async (group: number): Promise<void> => {
      const alerts = Array.from({ length: PER_BODY }, (_, at) =>
        bodyAlert(at % 10 === 0 ? { ...DAILY, copy: `${group}-${at}` } : { alertname: 'DiskNoise', node: `node-${group}-${at}`, severity: 'warning' }, {
          startsAt: new Date().toISOString(),
          annotations: { summary: 'x'.repeat(500) },
        }),
      );
      await until(
        'the webhook is taken',
        async () => {
          const { status } = await fetch(`${serving.url}/api/v1/alertmanager`, {
            method: 'POST',
            headers: { authorization: `Bearer ${TOKENS.alertmanager}`, 'content-type': 'application/json' },
            body: sampleBody({ alerts, groupKey: `{}:{group="${group}"}` }),
          });
          if (status !== 200) refused += 1;
          return status === 200;
        },
        { withinMs: 60_000 },
      );
      accepted += PER_BODY;
    };
    const groups = Array.from({ length: ALERTS / PER_BODY }, (_, group) => group);
    const sender = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) await send(group);
    };
    await Promise.all(Array.from({ length: 16 }, sender));
    await until('all are handled', async () => (await serving.get('/api/v1/ledger')).json['pending'] === 0, { withinMs: 120_000 });
    expect((await serving.get('/api/v1/ledger')).json).toMatchObject({ accepted, handled: accepted, quarantined: 0 });

    // A report and the audit read much at once.
    expect((await serving.get('/api/v1/audit')).json).toMatchObject({ ok: true });
    expect((await serving.get('/')).status).toBeLessThan(500);
    expect([200, 202]).toContain((await serving.post(`/api/v1/runs/${run.id}/approve`, { plan: run.digest })).status);
    await until('the backup is made', () => site.cluster.retries().length === 1);

    // What it maps of its program's file counts as resident, too; the kernel takes that back where memory is short.
    const words = `of its own at most: ${idle} MiB at the start, ${own} MiB behind ${accepted} alerts (heap of ${HEAP_MIB} MiB)`;
    console.log(`${words}; resident with the program's file ${memoryOf(pid, 'VmHWM')} MiB; ${refused} webhooks sent again`);
    expect(serving.program.isRunning()).toBe(true);
    expect(own).toBeGreaterThan(50);
    expect(own).toBeLessThan(LIMIT_MIB);
  },
);

/** What the kernel counts for a program, MiB. `RssAnon`: now, and nobody else's; `VmHWM`: the most that was ever resident at once. */
function memoryOf(pid: number, what: 'RssAnon' | 'VmHWM'): number {
  const [, kib = '0'] = new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round((Number(kib) * 1024) / MIB);
}
