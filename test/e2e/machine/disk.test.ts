import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DAILY, openSite, serveApart, untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { mayMount, testWhere } from './allowed.ts';

const BACK_WITHIN_MS = 10_000;

testWhere(mayMount, 'a small disk: `unshare -m` may not mount a tmpfs (run as root)')(
  'on a full disk it refuses alerts with 503, people still see and decide, and with space it takes alerts again within ten seconds',
  { timeout: 180_000 },
  async () => {
    const site = await openSite();
    const disk = site.stage.makeFolder('disk');
    site.write('salvor.yaml', site.text.replace('path: ./data', `path: ${JSON.stringify(join(disk, 'data'))}`));
    const mount = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=40m none "$0" && exec "$@"', disk];
    const serving = await serveApart(site, mount);
    await serving.alert(DAILY);
    const before = await untilRun(serving, 'proposed');

    // The mount is seen by its process alone, and through it.
    const ballast = join(`/proc/${serving.program.pid}/root`, disk, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(64 * 1024 * 1024))).toThrow(/ENOSPC/);
    const refused = await until('an alert is refused', async () => {
      const answer = await serving.alert({ ...DAILY, schedule: `s${Math.random()}` });
      return answer.status === 200 ? undefined : answer;
    });
    expect(refused).toMatchObject({ status: 503, json: { code: 'store.full', detail: 'The inbox or the disk is full. Send it again' } });
    expect(serving.log().join('\n')).toMatch(/"name":"store\.full","file":"[^"]*salvor\.db"/);
    expect((await serving.get(`/api/v1/runs/${before.id}`)).json).toMatchObject({ state: 'proposed' });
    expect((await serving.get('/api/v1/store/check')).json).toMatchObject({ ok: true });

    // The reserve makes room for decisions: the run that is under way goes on.
    // 200 where the run read it at once, 202 where it is stored and will be read.
    expect([200, 202]).toContain((await serving.post(`/api/v1/runs/${before.id}/approve`, { plan: before.digest })).status);
    await until('the backup is made', () => site.cluster.retries().length === 1);
    await until('the run is done', async () => (await serving.get(`/api/v1/runs/${before.id}`)).json['state'] === 'done');
    expect((await serving.alert(DAILY)).status).toBe(503);

    rmSync(ballast);
    expect(existsSync(ballast)).toBe(false);
    const freedMs = performance.now();
    await until('alerts are taken again', async () => (await serving.alert(DAILY)).status === 200, { withinMs: BACK_WITHIN_MS });
    console.log(`alerts were taken again ${Math.round(performance.now() - freedMs)} ms after there was space`);
    await until('all are handled', async () => (await serving.get('/api/v1/ledger')).json['pending'] === 0);
    expect((await serving.get('/api/v1/audit')).json).toMatchObject({ ok: true });
    expect(serving.program.isRunning()).toBe(true);
  },
);
