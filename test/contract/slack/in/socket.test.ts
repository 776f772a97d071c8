import { describe, expect, test } from 'vitest';
import { until } from '../../../e2e/stage/until.ts';
import { openStage, typedRun } from './stage.ts';

/** A press that is heard proves that the way is open. */
async function hears(stage: Awaited<ReturnType<typeof openStage>>): Promise<void> {
  await until('the connection', () => stage.slack.sockets.count() > 0);
  expect((await stage.slack.user('ana').type('/dr')).said).toBe('Nothing waits for a decision, and no incident is open.');
}

describe('the connection to Slack', () => {
  test('comes back at once when Slack changes guard, and when the network breaks it', async () => {
    const stage = await openStage();
    await hears(stage);
    for (const end of [
      () => stage.slack.sockets.disconnect('refresh_requested'),
      () => stage.slack.sockets.disconnect('warning'),
      () => stage.slack.sockets.cut(),
    ]) {
      const before = stage.logged('slack.connected').length;
      end();
      await until('another connection', () => stage.logged('slack.connected').length > before);
      await hears(stage);
    }
    expect(stage.logged('slack.broken')).toEqual([]);
  });

  test.each([
    ['is away', { give: 'down' } as const, /cannot be reached/],
    ['breaks off', { give: 'reset', method: 'apps.connections.open' } as const, /cannot be reached/],
    ['is broken', { give: 'server-error', status: 503, method: 'apps.connections.open' } as const, /answered 503/],
    ['asks to wait', { give: 'rate-limited', retryAfter: '1s', method: 'apps.connections.open' } as const, /asks us to wait 1 s/],
    ['does not know the token', { give: 'refuse', error: 'invalid_auth', method: 'apps.connections.open' } as const, /invalid_auth.*slack\.appToken/],
    [
      'wants another kind of token',
      { give: 'refuse', error: 'not_allowed_token_type', method: 'apps.connections.open' } as const,
      /slack\.appToken begins with xapp-/,
    ],
  ])('is tried until it is there when Slack %s from the start; the log says why once', async (_name, fault, words) => {
    const stage = await openStage({ slack: { faults: [fault] }, alone: true });
    const away = await until(
      'a second try',
      () => (stage.slack.calls('apps.connections.open').length >= 2 || fault.give === 'down') && stage.logged('slack.away')[0],
    );
    expect(away['reason']).toMatch(words);
    stage.slack.clearFaults();
    await hears(stage);
    expect(stage.logged('slack.away')).toHaveLength(1);
    expect(stage.logged('slack.back')).toHaveLength(1);
  });

  test('is tried again after Slack hangs, and each try is one request', { timeout: 30_000 }, async () => {
    const stage = await openStage({ slack: { faults: [{ give: 'hang', method: 'apps.connections.open', times: 1 }] }, alone: true });
    await hears(stage);
    expect(stage.logged('slack.away')).toMatchObject([{ reason: expect.stringContaining('did not answer in time') }]);
    expect(stage.slack.calls('apps.connections.open')).toHaveLength(2);
  });

  test('a token that is revoked while it is open ends nothing but the connection', async () => {
    const stage = await openStage();
    await hears(stage);
    stage.slack.revoke('token_revoked');
    await until('it is told', () => stage.logged('slack.away')[0]);
    expect(stage.logged('slack.away')[0]?.['reason']).toContain('make a new app-level token');
    stage.slack.restore();
    await hears(stage);
  });

  test('is paced: an outage is no storm of requests', async () => {
    const stage = await openStage({ slack: { faults: [{ give: 'reset', method: 'apps.connections.open' }] }, alone: true });
    await until('three tries', () => stage.slack.calls('apps.connections.open').length >= 3);
    const [first, second, third] = stage.slack.calls('apps.connections.open').map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(300);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThan(500);
  });
});

describe('the end', () => {
  test('lets what is in hand be answered, then closes the connection', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await openStage({ commands: (real) => ({ approve: async (...given) => gate.promise.then(() => real.approve(...given)) }) });
    const { run } = await stage.propose();
    const pressing = stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    await until('the press is in hand', () => stage.logged('slack.pressed')[0]);
    const stopping = stage.hearing.stop();
    gate.resolve();
    expect(await pressing).toMatchObject({ acknowledged: true });
    await stopping;
    expect(stage.told('ana').at(-1)).toMatch(/^Your approval is recorded/);
    expect((await stage.run(run.id)).approvals).toHaveLength(1);
    await until('the connection is closed', () => stage.slack.sockets.count() === 0);
  });

  test('comes also while Slack is away', async () => {
    const stage = await openStage({ slack: { faults: [{ give: 'hang', method: 'apps.connections.open' }] }, alone: true });
    await until('it tries', () => stage.slack.calls('apps.connections.open').length > 0);
    const fromMs = performance.now();
    await stage.hearing.stop();
    expect(performance.now() - fromMs).toBeLessThan(5000);
  });

  test('another replica takes any form in: nothing of it is kept in memory', async () => {
    const stage = await openStage();
    const { run } = await stage.propose(typedRun());
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'approve' });
    await until('the form', () => ana.modal());
    const other = stage.another();
    await until('two connections', () => stage.slack.sockets.count() === 2);
    await stage.hearing.stop();
    await ana.submit({ typed: 'w1' });
    await until('the answer', () => stage.told('ana').at(-1)?.startsWith('Approved'));
    expect((await stage.run(run.id)).approvals).toHaveLength(1);
    await other.stop();
  });
});
