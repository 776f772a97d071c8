import { describe, expect, test } from 'vitest';
import { beginRun } from '../../../src/run/begin-run.ts';
import { NODE_NOT_READY, sampleRoute } from '../route/samples.ts';
import { intakeScene, nodes, told } from './scene.ts';

describe('a start that a person asks for', () => {
  const byAna = { by: 'person', person: 'ana', surface: 'cli', reason: 'a test' } as const;
  const node = sampleRoute('node-not-ready', NODE_NOT_READY);

  test('begins a run, which the next alert joins', async () => {
    const scene = intakeScene();
    const begun = await beginRun(scene.intake, { cluster: 'prod', playbook: node, given: { node: 'w1' }, start: byAna });
    expect(begun).toMatchObject({ kind: 'started', runs: [expect.any(String)], joined: [] });
    await told(scene, nodes('w1'));
    expect(await scene.runs()).toHaveLength(1);
    expect(await scene.incidents()).toHaveLength(1);
  });

  test('is the same when it is asked again under one name, and joins when it is asked without', async () => {
    const scene = intakeScene();
    const request = { cluster: 'prod', playbook: node, given: { node: 'w1' }, start: byAna };
    const first = await beginRun(scene.intake, { ...request, once: 'k' });
    expect(await beginRun(scene.intake, { ...request, once: 'k' })).toEqual(first);
    expect(await beginRun(scene.intake, request)).toMatchObject({ kind: 'started', runs: [], joined: first.kind === 'started' ? first.runs : [] });
    expect(await scene.incidents()).toHaveLength(1);
  });

  test('is refused in words when its parameters cannot be used', async () => {
    const scene = intakeScene();
    expect(await beginRun(scene.intake, { cluster: 'prod', playbook: node, given: { node: 'a b' }, start: byAna })).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('expected the name of a node'),
    });
    expect(await scene.incidents()).toEqual([]);
  });

  test('is refused with the difference when an open run does something else there', async () => {
    const scene = intakeScene();
    const playbook = sampleRoute(
      'node-not-ready',
      NODE_NOT_READY.replace('from: alert.labels.node } }', 'from: alert.labels.node }, keep: { type: number, default: 3 } }'),
    );
    await beginRun(scene.intake, { cluster: 'prod', playbook, given: { node: 'w1' }, start: byAna });
    const refused = await beginRun(scene.intake, { cluster: 'prod', playbook, given: { node: 'w1', keep: 5 }, start: byAna });
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('keep: 5 instead of 3') });
  });
});
