import { remediation, z } from '../../src/action/contract.ts';

const NAMESPACE = 'bench';
const refOf = (mark: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: mark }) as const;

/** Makes one ConfigMap, named by the alert's mark. It is as little as an action can do: what is measured is the way to it. */
export const benchTouch = remediation({
  id: 'bench.touch',
  summary: 'Make a ConfigMap named by the mark of an alert',
  risk: 'reversible',
  needs: ['get configmaps', 'create configmaps'],
  params: z.strictObject({ mark: z.string().min(1) }),
  result: z.strictObject({ name: z.string(), uid: z.string() }),

  async plan({ params }) {
    const change = { verb: 'create', object: `ConfigMap/${NAMESPACE}/${params.mark}`, to: { mark: params.mark } } as const;
    return { summary: `Leave the mark ${params.mark}`, changes: [change], undo: [], facts: {} };
  },

  async execute({ params, kube }) {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: NAMESPACE, name: params.mark }, data: { mark: params.mark } };
    const made = await kube.create(manifest);
    return { name: params.mark, uid: made.metadata.uid ?? '' };
  },

  async verify({ kube, result }) {
    const found = await kube.find(refOf(result.name));
    if (found?.metadata.uid === result.uid) return { ok: true, evidence: [`${result.name} is there`] };
    return { ok: false, reason: `${result.name} is gone` };
  },

  rollback: { impossible: 'A mark stays: it is what is counted.' },
});
