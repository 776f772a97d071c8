import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, serveApart, untilRun } from './site.ts';

test('killed while a run waits for its approval, it goes on from its next start', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const first = await serveApart(site);
  await first.alert(DAILY);
  const before = await untilRun(first, 'proposed');
  first.program.signal('SIGKILL');
  await first.program.ended;

  const second = await serveApart(site);
  // The card that people have is still the one that counts.
  expect(await untilRun(second, 'proposed')).toEqual(before);
  // 202 where the machine is so busy that it is taken and not worked on yet.
  const { status } = await second.post(`/api/v1/runs/${before.id}/approve`, { plan: before.digest });
  expect([200, 202]).toContain(status);
  await until('the backup is asked for', () => site.cluster.retries().length === 1, { withinMs: 20_000, everyMs: 20 });

  // Killed again in the middle of what goes on without it.
  second.program.signal('SIGKILL');
  await second.program.ended;
  const third = await serveApart(site);
  await untilRun(third, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
  expect((await third.get('/api/v1/audit')).json).toMatchObject({ ok: true });
  expect((await third.get('/api/v1/ledger')).json).toEqual({ accepted: 1, handled: 1, pending: 0, quarantined: 0 });
});

test('killed the moment a webhook is answered, it has the alert', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const first = await serveApart(site);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => first.alert({ ...DAILY, schedule: `s${index}` })));
  first.program.signal('SIGKILL');
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await first.program.ended;

  const second = await serveApart(site);
  await until('all are handled', async () => (await second.get('/api/v1/ledger')).json['handled'] === 20);
  expect((await second.get('/api/v1/ledger')).json).toEqual({ accepted: 20, handled: 20, pending: 0, quarantined: 0 });
});
