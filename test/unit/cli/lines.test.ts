import { describe, expect, test } from 'vitest';
import { decideLines } from '../../../src/cli/decide-lines.ts';
import { printList } from '../../../src/cli/list.ts';
import { planLines } from '../../../src/cli/plan-lines.ts';
import { END_STATES, OPEN_STATES } from '../../../src/model/run.ts';
import type { PlanView } from '../../../src/port/view/run.ts';
import { isGoodEnd, short, standing } from '../../../src/port/view/run-words.ts';

const io = { stdout: () => undefined, stderr: () => undefined };

describe('where a run stands', () => {
  test('has words for every state, and the hold behind them', () => {
    const words = [...OPEN_STATES, ...END_STATES].map((state) => standing({ state, hold: undefined, waiting: undefined, end: undefined }));
    expect(new Set(words).size).toBe(OPEN_STATES.length + END_STATES.length);
    expect(standing({ state: 'executing', hold: { gate: 'pause', reason: 'ana: network work' } })).toBe(
      'carries out its plan, held by pause: ana: network work',
    );
  });

  test('ends well when it is done or needed no more, and not otherwise', () => {
    expect(END_STATES.filter(isGoodEnd)).toEqual(['done', 'recovered']);
  });

  test('is rolled back only where something was undone', () => {
    const failed = { state: 'rolled-back', end: 'no space left' } as const;
    expect(standing({ ...failed, undone: 2 })).toBe('failed, and was rolled back: no space left');
    expect(standing({ ...failed, undone: 0 })).toBe('failed; nothing was undone: no space left');
  });

  test('names are shortened to 8 characters, with or without their kind', () => {
    expect([short('run/3f9a01c2d4e5f607-1'), short('3f9a01c2d4e5f607-1')]).toEqual(['3f9a01c2', '3f9a01c2']);
  });
});

describe('a plan', () => {
  const change = { verb: 'delete', object: 'Backup/velero/old', risk: 'destructive' } as const;
  const step = {
    step: 'prune',
    action: 'backup.delete',
    cluster: 'prod',
    summary: 'Delete old backups',
    risk: 'destructive',
    undo: [],
    facts: {},
    notes: [],
  } as const;
  const plan = (changes: PlanView['steps'][number]['changes']): PlanView => ({
    digest: 'd1'.repeat(32),
    risk: 'destructive',
    stage: 'clean',
    generation: 2,
    steps: [{ ...step, changes }],
  });

  test('says of each change what it does, and what cannot be brought back', () => {
    expect(
      planLines(plan([change, { verb: 'create', object: 'Backup/velero/new', to: { ttl: '720h' }, risk: 'reversible', note: 'kept longer' }]), io),
    ).toEqual([
      'Plan d1d1d1d1: stage clean, destructive, proposal 2',
      '  prune on prod: Delete old backups',
      '    - delete Backup/velero/old (destructive)',
      '    + create Backup/velero/new: {"ttl":"720h"}, kept longer',
    ]);
  });

  test('that changes nothing says so, and a long one is cut with the number of the rest', () => {
    expect(planLines(plan([]), io)[0]).toContain('changes nothing');
    expect(planLines(plan(Array.from({ length: 50 }, () => change)), io).at(-1)).toBe('    … and 10 more; --json has them all');
  });
});

describe('the command that a run waits for', () => {
  const run = { id: '3f9a01c2d4e5f607-1', steps: [], digest: 'd1'.repeat(32) };

  test('settles a step whose outcome is not known', () => {
    const unknown = { step: 'create', stage: 's', action: 'a', cluster: 'prod', generation: 1, phase: 'unknown', undo: 'never', attempts: 1 } as const;
    const waiting = { for: 'person', what: 'settle-step', reason: 'r', since: 1, until: 2 } as const;
    expect(decideLines({ ...run, state: 'waiting', waiting, steps: [unknown] })).toEqual(['To settle:   salvor settle 3f9a01c2 create --as done|not-done']);
  });

  test('is none while it works or is over', () => {
    for (const state of ['executing', 'done'] as const) expect(decideLines({ ...run, state }), state).toEqual([]);
  });
});

test('a list of many says how to see more, within what a page can have', () => {
  const out: string[] = [];
  const rows = Array.from({ length: 200 }, (_, index) => [String(index)]);
  printList({ ...io, stdout: (text) => void out.push(text) }, { head: ['N'], rows, noun: 'run', next: 'c' });
  expect(out.at(-1)).toBe('More: --limit 500, or --cursor with "next" of --json\n');
});
