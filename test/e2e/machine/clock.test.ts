import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { DAILY, openSite, serveApart, untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { hasFaketime, testWhere } from './allowed.ts';

/** Moves the wall clock of one program while it runs; what measures durations stays as it is. */
function movableClock(file: string): { readonly wrapped: readonly string[]; readonly move: (by: string) => void } {
  const move = (by: string): void => writeFileSync(file, `${by}\n`);
  move('+0');
  const environment = ['FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_CACHE_DURATION=1', `FAKETIME_TIMESTAMP_FILE=${file}`];
  const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
  return { wrapped: ['env', `LD_PRELOAD=${process.env['FAKETIME_LIBRARY'] ?? library}`, ...environment], move };
}

testWhere(hasFaketime, '`faketime` is not installed (bash scripts/install-e2e.sh installs it)')(
  'the wall clock goes back an hour and forward by two: alerts are taken, work goes on, and nothing spins',
  { timeout: 240_000 },
  async () => {
    const site = await openSite();
    const { wrapped, move } = movableClock(`${site.stage.folder}/faketime`);
    const serving = await serveApart(site, wrapped);
    const itsTime = async (): Promise<number> => Date.parse((await fetch(`${serving.operationsUrl}/livez`)).headers.get('date') ?? '');
    await serving.alert(DAILY);
    const run = await untilRun(serving, 'proposed');

    move('-1h');
    expect((await serving.alert({ ...DAILY, schedule: 'other' })).status).toBe(200);
    await until('what came in an hour ago is handled', async () => (await serving.get('/api/v1/ledger')).json['handled'] === 2);
    await until('its clock went back', async () => (await itsTime()) < Date.now() - 1_800_000);
    expect((await serving.get(`/api/v1/runs/${run.id}`)).json).toMatchObject({ state: 'proposed' });
    const busy = await cpuSeconds(serving.program.pid, 3000);
    expect(busy, 'a clock that went back makes nothing spin').toBeLessThan(1.5);

    // Ahead of everybody.
    move('+2h');
    await until('its clock went forward', async () => (await itsTime()) > Date.now() + 1_800_000);
    expect(await cpuSeconds(serving.program.pid, 3000)).toBeLessThan(1.5);
    expect((await serving.alert(DAILY)).status).toBe(200);
    await until('it is handled', async () => (await serving.get('/api/v1/ledger')).json['pending'] === 0);
    expect((await serving.get('/api/v1/audit')).json).toMatchObject({ ok: true });
    expect(site.cluster.retries()).toEqual([]);
  },
);

/** CPU time of a program over a while, in seconds; Linux counts it in hundredths. */
async function cpuSeconds(pid: number, overMs: number): Promise<number> {
  const { readFileSync } = await import('node:fs');
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, overMs));
  return (ticks() - before) / 100;
}
