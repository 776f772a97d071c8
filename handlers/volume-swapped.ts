import { check, z } from '../src/action/contract.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { Swapped } from '../src/domain/volume/swap-marks.ts';
import { inside, SWAP_READS } from '../src/domain/volume/swap-sight.ts';
import { usersOf } from '../src/domain/volume/swap-users.ts';
import { counted } from '../src/model/counted.ts';

/** Whether what uses claims that got other volumes runs on them, and, where one is named, whether a look from outside says yes. */
export const volumeSwapped = check({
  id: 'volume.swapped',
  summary: 'See that what stood still for a swap of volumes runs again',
  needs: SWAP_READS,
  params: z.strictObject({
    target: NamespaceName,
    volumes: z.array(Swapped),
    /** A look at the outside that the configuration lists by this name. */
    probe: z.string().optional(),
  }),
  facts: z.strictObject({ workloads: z.number() }),

  async run({ params, kube }) {
    const { target, volumes, probe } = params;
    const claims = volumes.map(({ claim }) => claim);
    const { workloads } = usersOf(claims, await inside((query) => kube.list(query), target));
    const short = workloads.filter(({ ready, replicas }) => ready < replicas);
    const words = short.map(({ ref, ready, replicas }) => `${ref.kind} ${ref.name} (${ready} of ${replicas})`);
    if (short.length > 0) return { ok: false, again: true, reason: `not ready yet: ${words.join(', ')}` };
    const evidence = [`${counted(workloads.length, 'workload')} ready on the restored volumes`];
    const facts = { workloads: workloads.length };
    if (probe === undefined) return { ok: true, facts, evidence: [...evidence, 'nobody looked from outside: no probe is named'] };
    const seen = await kube.probe(probe);
    if (!seen.ok) return { ok: false, again: true, reason: `${probe} says no: ${seen.reason}`, evidence };
    return { ok: true, facts, evidence: [...evidence, `${probe}: ${seen.evidence}`] };
  },
});
