import { describe, expect, test } from 'vitest';
import { chain, emptyChain } from '../../../src/model/entry.ts';
import { measuredStore } from '../../../src/observe/measured-store.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import type { Gauges } from '../../../src/port/gauges.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { line, plan, proposedRun } from '../../contract/api/site.ts';

const gauges: Gauges = {
  inboxPending: 4,
  inboxOldestMs: 2500,
  runs: [{ state: 'proposed', held: true, count: 2 }],
  runsOverdueMs: 7000,
  outbox: [{ to: 'chat', pending: 3, oldestMs: 1000 }],
  watchdogs: [{ cluster: 'prod', ageMs: 90_000 }],
  storeBackupAgeMs: 3_600_000,
};

async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  return (await metrics.text()).text.split('\n');
}

describe('metrics', () => {
  test('are every name that is promised, and no other', async () => {
    const names = (await linesOf(createMetrics({ version: '1.2.3', gauges: async () => gauges }))).flatMap(
      (text) => /^# TYPE (\S+) (\S+)/.exec(text)?.slice(1, 3).join(' ') ?? [],
    );
    expect(names.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'salvor_alerts_total counter',
      'salvor_approvals_total counter',
      'salvor_build_info gauge',
      'salvor_fenced_total counter',
      'salvor_holds_total counter',
      'salvor_inbox_oldest_seconds gauge',
      'salvor_inbox_pending gauge',
      'salvor_outbox_oldest_seconds gauge',
      'salvor_outbox_pending gauge',
      'salvor_run_duration_seconds histogram',
      'salvor_run_overdue_seconds gauge',
      'salvor_runs gauge',
      'salvor_steps_total counter',
      'salvor_store_backup_age_seconds gauge',
      'salvor_store_commit_seconds histogram',
      'salvor_store_risks gauge',
      'salvor_store_up gauge',
      'salvor_watchdog_age_seconds gauge',
      'salvor_webhook_duration_seconds histogram',
      'salvor_webhooks_total counter',
    ]);
  });

  test('show the store as it is when they are read, and forget what is gone', async () => {
    let now = gauges;
    const metrics = createMetrics({ version: '1.2.3', gauges: async () => now });
    const lines = await linesOf(metrics);
    for (const text of [
      'salvor_inbox_pending 4',
      'salvor_inbox_oldest_seconds 2.5',
      'salvor_runs{state="proposed",held="true"} 2',
      'salvor_outbox_pending{to="chat"} 3',
      'salvor_outbox_oldest_seconds{to="chat"} 1',
      'salvor_watchdog_age_seconds{cluster="prod"} 90',
      'salvor_run_overdue_seconds 7',
      'salvor_store_backup_age_seconds 3600',
      'salvor_store_up 1',
      'salvor_build_info{version="1.2.3"} 1',
    ])
      expect(lines).toContain(text);
    now = { ...gauges, runs: [], watchdogs: [] };
    expect((await linesOf(metrics)).filter((text) => /^salvor_(runs|watchdog_age_seconds)\{/.test(text))).toEqual([]);
  });

  test('are answered also when the store gives no answer', async () => {
    const failed: unknown[] = [];
    let isAway = true;
    const read = async (): Promise<Gauges> => {
      if (isAway) throw new Error('away');
      return gauges;
    };
    const metrics = createMetrics({ version: '1', gauges: read, failed: (error) => failed.push(error) });
    expect(await linesOf(metrics)).toEqual(expect.arrayContaining(['salvor_build_info{version="1"} 1', 'salvor_store_up 0']));
    expect(failed).toHaveLength(1);
    isAway = false;
    expect(await linesOf(metrics)).toContain('salvor_store_up 1');
  });

  test('say nothing of the age of a copy of the store that was never made', async () => {
    const { storeBackupAgeMs: _, ...never } = gauges;
    expect((await linesOf(createMetrics({ version: '1', gauges: async () => never }))).join('\n')).not.toContain('salvor_store_backup_age_seconds');
  });

  test('count every request by what became of it', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.webhook(3, 'accepted');
    metrics.webhook(1, 'unauthorized');
    metrics.webhook(1, 'unauthorized');
    const lines = await linesOf(metrics);
    for (const text of [
      'salvor_webhooks_total{outcome="accepted"} 1',
      'salvor_webhooks_total{outcome="unauthorized"} 2',
      'salvor_webhooks_total{outcome="full"} 0',
      'salvor_webhook_duration_seconds_count 3',
    ])
      expect(lines).toContain(text);
  });

  test('count what became durable, by the action and never by a text of an alert', async () => {
    const clock = virtualClock();
    const metrics = createMetrics({ version: '1' });
    const inner = oracleStore({ clock });
    const store = measuredStore(inner, metrics, clock);
    const [planned] = plan().steps;
    if (planned === undefined) throw new Error('the fixture has a step');
    const step = { step: 'cordon', stage: 'isolate', generation: 1, planned, undo: 'on-failure', withinMs: 1, phase: 'done', attempts: 1 } as const;
    const run = proposedRun({ steps: [step], state: 'done', createdMs: 0, endedMs: 9000, start: { by: 'person', person: 'ana', surface: 'api', reason: 'x' } });
    const { entries } = chain(run.id, emptyChain, [
      line('run.started', {}, 1000),
      line('run.held', { gate: 'freeze', reason: 'label="evil"' }, 1500),
      line('run.proposed', {}, 2000),
      line('approval.granted', {}, 5000),
      line('step.done', { step: 'cordon' }, 5500),
      line('run.verifying', {}, 6000),
      line('run.ended', {}, 9000),
    ]);
    const commit = {
      partition: 'prod',
      opId: 'a',
      guards: [{ is: 'absent', id: run.id }],
      changes: [
        { do: 'put', id: run.id, kind: 'run', value: run },
        { do: 'append', of: run.id, entries },
      ],
    } as const;
    await store.commit(commit);
    await store.commit({ ...commit, opId: 'b' });
    await store.commit({ partition: 'prod', opId: 'c', guards: [{ is: 'held', id: run.id, epoch: 7, seq: 1 }], changes: [] });
    await store.accept({ sender: 'x', clusters: ['*'], receivedMs: 0, body: '{}', alerts: 3 });

    await expect.poll(() => linesOf(metrics)).toContain('salvor_run_duration_seconds_sum{playbook="node-isolate",phase="decide"} 1');
    const lines = await linesOf(metrics);
    for (const text of [
      'salvor_alerts_total{outcome="accepted"} 3',
      'salvor_holds_total{gate="freeze"} 1',
      'salvor_approvals_total{outcome="granted"} 1',
      'salvor_steps_total{action="node.cordon",outcome="done"} 1',
      'salvor_fenced_total 1',
      'salvor_store_commit_seconds_count 3',
      'salvor_run_duration_seconds_sum{playbook="node-isolate",phase="detect"} 1',
      'salvor_run_duration_seconds_sum{playbook="node-isolate",phase="act"} 1',
      'salvor_run_duration_seconds_sum{playbook="node-isolate",phase="prove"} 3',
    ])
      expect(lines).toContain(text);
    expect(lines.join('\n')).not.toContain('evil');
  });

  test('a measured store is the store in everything else', async () => {
    const clock = virtualClock();
    const inner = oracleStore({ clock });
    const store = measuredStore(inner, createMetrics({ version: '1' }), clock);
    expect(Object.keys(store).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(Object.keys(inner).toSorted((a, b) => (a < b ? -1 : 1)));
    await store.commit({
      partition: 'prod',
      opId: 'a',
      guards: [{ is: 'absent', id: 'slot/1' }],
      changes: [{ do: 'put', id: 'slot/1', kind: 'slot', value: 1 }],
    });
    expect((await store.get('prod', 'slot/1'))?.value).toBe(1);
    expect((await store.list({ kind: 'slot', limit: 5 })).records).toHaveLength(1);
    await store.close();
    await expect(inner.partitions()).rejects.toThrow('closed');
    await expect(store.commit({ partition: 'prod', opId: 'b', guards: [], changes: [] })).rejects.toThrow('closed');
  });
});
