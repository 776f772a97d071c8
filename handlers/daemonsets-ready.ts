import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { namesText } from '../src/domain/node/held.ts';
import { podsOn } from '../src/domain/node/kinds.ts';
import { podName, readPod } from '../src/domain/pod/pod.ts';
import { startingText } from '../src/domain/pod/replacement.ts';
import { counted } from '../src/model/counted.ts';

/** Whether these DaemonSets have a pod on a node that is Ready: its network, its storage, whatever every node runs. */
export const daemonsetsReady = check({
  id: 'daemonsets.ready',
  summary: 'Wait until the DaemonSets of one node run on another, too',
  needs: ['list pods'],
  params: z.strictObject({
    node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
    /** As `namespace/name`. */
    daemonSets: z.array(z.string()),
  }),
  facts: z.strictObject({ node: z.string(), daemonSets: z.number() }),

  async run({ params, kube }) {
    const { node, daemonSets } = params;
    const pods = (await kube.list(podsOn(node))).map(readPod).filter(({ owner }) => owner?.kind === 'DaemonSet');
    const of = (name: string) => pods.filter(({ namespace, owner }) => podName({ namespace, name: owner?.name ?? '' }) === name);
    const missing = daemonSets.filter((name) => of(name).length === 0);
    const starting = daemonSets.flatMap((name) => of(name)).filter(({ isReady }) => !isReady);
    if (missing.length > 0) return { ok: false, reason: `${node} has no pod of ${namesText(missing, 'DaemonSet')}`, again: true };
    if (starting.length > 0) return { ok: false, reason: starting.map(startingText).join('; '), again: true };
    return {
      ok: true,
      facts: { node, daemonSets: daemonSets.length },
      evidence: [`${counted(daemonSets.length, 'DaemonSet')} of the old node run on ${node}`],
    };
  },
});
