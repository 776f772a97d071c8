import { describe, expect, test } from 'vitest';
import { workloadReady } from '../../../handlers/workload-ready.ts';
import { begin, untilOver, WEB } from './drain-stage.ts';
import type { Stage } from './stage.ts';

describe('what ran on a node', () => {
  const look = (stage: Stage, given: object) =>
    stage.wait(workloadReady.run({ ...stage.about(), params: workloadReady.params.parse({ node: 'w1', ...given }), kube: stage.kube }));

  test('serves again when as many new pods are Ready, whatever was broken before', async () => {
    const begun = await begin({ pods: [...WEB, { name: 'shop/web-3', node: 'w2', owner: 'Deployment/web', waiting: 'CrashLoopBackOff' }] });
    const { workloads } = await untilOver(begun);
    await begun.stage.clock.pass(10_000);
    expect(await look(begun.stage, { workloads })).toMatchObject({ ok: true, facts: { workloads: 1, pods: 2 } });
  });

  test('does not serve while a new pod finds no node: the scheduler says why', async () => {
    const begun = await begin({ pods: WEB.slice(0, 1) });
    const { workloads } = await untilOver(begun);
    begun.stage.cluster.apply({
      nodes: [
        { name: 'w2', cordoned: true },
        { name: 'w3', cordoned: true },
      ],
    });
    const [name = ''] = [...begun.stage.cluster.snapshot()].flatMap(([key, { metadata }]) => (key.startsWith('Pod/shop/web') ? [metadata.name] : []));
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 node(s) were unschedulable.' }];
    begun.stage.cluster.apply({
      objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, status: { phase: 'Pending', conditions } }],
    });
    const answer = { ok: false, again: true, reason: `shop/${name} finds no node: 0/3 nodes are available: 3 node(s) were unschedulable.` };
    expect(await look(begun.stage, { workloads })).toEqual(answer);
    expect(await look(begun.stage, {})).toEqual(answer);
  });
});
