import { type Catalog, makeCatalog } from '../../../src/action/catalog.ts';
import { check, diagnosis, finder, remediation, z } from '../../../src/action/contract.ts';
import { Duration } from '../../../src/model/duration.ts';

const node = z.strictObject({ node: z.string().min(1) });
const plan = async () => ({ summary: '', changes: [], undo: [], facts: {} });
const good = async () => ({ ok: true as const, facts: {}, evidence: [] });

/** Actions with every sort of parameter, fact and result that the checks of playbooks tell apart. */
export const actions: Catalog = makeCatalog([
  diagnosis({
    id: 'node.diagnose',
    summary: 'See why a node is not ready',
    needs: ['get nodes', 'list pods'],
    params: node,
    facts: z.strictObject({
      kubeletAnswers: z.boolean(),
      zone: z.string().optional(),
      cause: z.enum(['network', 'disk']),
      pods: z.number(),
      names: z.array(z.string()),
      uid: z.string().nullable(),
    }),
    run: async () => ({
      finding: { kind: 'act', reason: '' },
      facts: { kubeletAnswers: true, cause: 'disk' as const, pods: 1, names: [], uid: null },
      evidence: [],
    }),
  }),
  check({
    id: 'node.ready',
    summary: 'The node reports again',
    needs: ['get nodes'],
    params: node,
    facts: z.strictObject({ since: z.string() }),
    run: async () => ({ ok: true, facts: { since: '' }, evidence: [] }),
  }),
  check({
    id: 'workload.ready',
    summary: 'What ran there runs again',
    needs: ['list pods'],
    params: z.strictObject({ node: z.string().optional() }),
    facts: z.strictObject({}),
    run: good,
  }),
  finder({
    id: 'node.find',
    summary: 'Find nodes that do not report',
    needs: ['list nodes'],
    params: z.strictObject({ zone: z.string().optional() }),
    run: async () => [],
  }),
  remediation({
    id: 'node.cordon',
    summary: 'Stop new pods from landing on a node',
    risk: 'reversible',
    needs: ['get nodes', 'patch nodes'],
    params: node,
    result: z.strictObject({ wasCordoned: z.boolean() }),
    plan,
    execute: async () => ({ wasCordoned: false }),
    verify: good,
    rollback: async () => ({ kind: 'undone' }),
  }),
  remediation({
    id: 'node.uncordon',
    summary: 'Let new pods land on a node again',
    risk: 'reversible',
    needs: ['get nodes', 'patch nodes'],
    params: node,
    result: z.strictObject({}),
    plan,
    execute: async () => ({}),
    verify: good,
    rollback: async () => ({ kind: 'undone' }),
  }),
  remediation({
    id: 'node.drain',
    summary: 'Move what runs on a node elsewhere',
    risk: 'destructive',
    needs: ['list pods', 'create pods/eviction'],
    params: z.strictObject({
      node: z.string().min(1),
      gracePeriod: Duration.prefault('30s'),
      keep: z.int().min(1).max(9).optional(),
      mode: z.enum(['soft', 'hard']).optional(),
      skip: z.array(z.string()).default([]),
    }),
    result: z.strictObject({ moved: z.number() }),
    plan,
    execute: async () => ({ moved: 0 }),
    verify: good,
    rollback: { impossible: 'evicted pods cannot be un-evicted' },
  }),
]);
