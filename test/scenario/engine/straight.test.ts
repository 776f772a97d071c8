import { expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { stage } from './stage.ts';

const ONE_WRITE = `
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write }]
`;

test('a run is proposed, approved once, writes once, is verified and done, and its journal is an unbroken chain', async () => {
  const { start, approve, clock, state, sim, journal, locks } = await stage({ playbook: ONE_WRITE });
  const id = await start();
  expect(await state(id)).toBe('proposed');
  expect(sim().writes()).toEqual([]);

  await approve(id);
  await clock.pass(1000);

  expect(await state(id)).toBe('done');
  expect(sim().writes()).toEqual([expect.stringMatching(/^create ConfigMap\/app\/made-[0-9a-f]{8}$/)]);
  const entries = await journal(id);
  expect(findBreak(id, entries)).toBeUndefined();
  expect(entries.map(({ type }) => type)).toEqual([
    'run.queued',
    'run.started',
    'run.diagnosed',
    'run.proposed',
    'approval.vote',
    'approval.granted',
    'run.executing',
    'write.intent',
    'write.outcome',
    'step.done',
    'run.verifying',
    'run.verified',
    'run.closing',
    'run.ended',
  ]);
  expect(await locks()).toEqual([]);
});
