import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { runHeadId } from '../../../src/model/identity.ts';
import type { Run, Start } from '../../../src/model/run.ts';
import { type Asked, headOfEnded, readRunHead, startRun } from '../../../src/run/start.ts';
import { stormOf } from '../../../src/run/storm.ts';
import { NOW_MS } from '../ingest/samples.ts';
import { NODE_NOT_READY, samplePlaybook } from '../route/samples.ts';

const playbook = samplePlaybook('node-not-ready', NODE_NOT_READY);
const byAlert: Start = { by: 'alert', episode: 'episode/a', labels: [['node', 'w1']], startsAtMs: NOW_MS - 1000, receivedMs: NOW_MS };
const byAna: Start = { by: 'person', person: 'ana', surface: 'cli', reason: 'a test' };
const asked: Asked = {
  playbook,
  cluster: 'prod',
  target: { kind: 'Node', value: 'w1' },
  locks: [],
  params: { node: 'w1' },
  found: {},
  incident: 'incident/a-1',
  start: byAlert,
  nowMs: NOW_MS,
  repeatIntervalMs: 4 * 3_600_000,
};
const none = readRunHead(undefined);

function started(of: Partial<Asked> = {}, head = none): Run {
  const answer = startRun({ ...asked, ...of }, { head });
  if (answer.kind !== 'started') throw new Error(answer.kind);
  return answer.run;
}

describe('a run', () => {
  test('is queued under a name made of what it is about, with the first line of its journal', () => {
    const answer = startRun(asked, { head: none });
    expect(answer).toMatchObject({
      kind: 'started',
      run: { state: 'queued', ordinal: 1, dueMs: NOW_MS, playbookDigest: playbook.digest, target: 'w1', lockKeys: ['prod/Node//w1'], chain: { n: 1 } },
    });
    if (answer.kind !== 'started') return;
    expect(started().id).toBe(answer.run.id);
    const kinds = answer.changes.map((change) => (change.do === 'put' ? `put ${change.kind}` : change.do));
    expect(kinds).toEqual(['put run', 'append', 'put slot', 'mail']);
    const journal = answer.changes.flatMap((change) => (change.do === 'append' ? change.entries : []));
    expect(journal).toMatchObject([{ n: 1, type: 'run.queued', data: { target: 'w1', by: 'alert', episode: 'episode/a' } }]);
    expect(findBreak(answer.run.id, journal)).toBeUndefined();
  });

  test('is joined while one is open for the same target', () => {
    const open = started();
    expect(startRun(asked, { head: { ordinal: 1, openRun: open.id } })).toEqual({ kind: 'joined', run: open.id });
  });

  test('is joined by a person only with equal parameters', () => {
    const head = { ordinal: 1, openRun: 'run/x-1' };
    const person = { ...asked, start: byAna };
    expect(startRun(person, { head, open: { node: 'w1' } })).toEqual({ kind: 'joined', run: 'run/x-1' });
    expect(startRun({ ...person, params: { node: 'w1', grace: '2m' } }, { head, open: { node: 'w2', grace: '2m' } })).toEqual({
      kind: 'refused',
      run: 'run/x-1',
      differences: ['node: "w1" instead of "w2"'],
    });
  });

  test('gets the next ordinal behind an end, once the cooldown is over', () => {
    const head = { ordinal: 1, endedMs: NOW_MS, end: 'done' } as const;
    expect(startRun({ ...asked, nowMs: NOW_MS + 899_999 }, { head })).toMatchObject({ kind: 'parked', untilMs: NOW_MS + 900_000 });
    expect(started({ nowMs: NOW_MS + 900_000 }, head)).toMatchObject({ ordinal: 2, id: expect.stringMatching(/-2$/) });
  });

  test.each(['rejected', 'expired'] as const)('behind one that was %s waits as long as Alertmanager waits to repeat', (end) => {
    const head = { ordinal: 1, endedMs: NOW_MS, end };
    expect(startRun({ ...asked, nowMs: NOW_MS + 900_000 }, { head })).toMatchObject({ kind: 'parked', untilMs: NOW_MS + 4 * 3_600_000 });
  });

  test('of a person knows no cooldown', () => {
    expect(startRun({ ...asked, start: byAna }, { head: { ordinal: 1, endedMs: NOW_MS, end: 'done' } }).kind).toBe('started');
  });

  test('that ended leaves a head from which the next one starts', () => {
    const ended: Run = { ...started(), state: 'done', endedMs: NOW_MS + 5 };
    const change = headOfEnded(ended);
    expect(change).toEqual({
      do: 'put',
      id: runHeadId({ playbook: 'node-not-ready', cluster: 'prod', target: 'w1' }),
      kind: 'slot',
      value: { ordinal: 1, endedMs: NOW_MS + 5, end: 'done' },
    });
    expect(readRunHead(change.do === 'put' ? change.value : undefined)).toEqual({ ordinal: 1, endedMs: NOW_MS + 5, end: 'done' });
  });

  test('lists its locks in order, its target first, each once', () => {
    const locks = [
      { kind: 'PersistentVolumeClaim', value: 'shop/data-0' },
      { kind: 'Cluster', value: 'dr' },
      { kind: 'Namespace', value: 'shop' },
      { kind: 'Node', value: 'w1' },
      { kind: 'Target', value: 's3://a/b' },
    ];
    expect(started({ locks }).lockKeys).toEqual([
      'prod/Node//w1',
      'dr/Cluster//dr',
      'prod/Namespace//shop',
      'prod/PersistentVolumeClaim/shop/data-0',
      'prod/Target//s3%3A%2F%2Fa%2Fb',
    ]);
  });
});

describe('a storm', () => {
  const storm = { atLeast: 3, within: 120_000, start: 'az-failure', with: {} };
  const recent = (...seconds: readonly number[]): { readonly run: string; readonly atMs: number }[] =>
    seconds.map((second, index) => ({ run: `run/${index}`, atMs: NOW_MS + second * 1000 }));

  test('is so many starts within so little time', () => {
    expect(stormOf(storm, recent(0, 60, 120), NOW_MS + 120_000)).toEqual({ kind: 'storm', runs: ['run/0', 'run/1', 'run/2'] });
  });

  test('is not so many starts over a longer time; only the late ones are remembered', () => {
    expect(stormOf(storm, recent(0, 60, 121), NOW_MS + 121_000)).toEqual({ kind: 'calm', recent: recent(0, 60, 121).slice(1) });
  });
});
