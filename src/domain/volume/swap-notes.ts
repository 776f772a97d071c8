import { counted } from '../../model/counted.ts';
import type { SwapSight } from './swap-sight.ts';

/** What a swap of volumes does and does not do, for the people who decide. First what it costs. */
export function swapNotes(
  { pairs, here, onlyHere, onlyThere }: SwapSight,
  { target, beside }: { readonly target: string; readonly beside: string },
): readonly string[] {
  const still = here.workloads.filter(({ replicas }) => replicas > 0).map(({ ref, replicas }) => `${ref.kind} ${ref.name} (${counted(replicas, 'pod')})`);
  return [
    still.length === 0 ? `Nothing in ${target} runs on these volumes now` : `Stands still meanwhile, a minute or more: ${still.join(', ')}`,
    ...pairs.map(({ claim, old, restored }) => `${claim}: from ${old.name} to ${restored.name}`),
    `What was written into these volumes since the backup is not in the restored ones. The old volumes are kept, and nobody deletes them but you: ${pairs.map(({ old }) => old.name).join(', ')}`,
    `Only volumes are swapped: ConfigMaps, Secrets and all other objects of ${target} stay as they are. For those: /dr restore resource`,
    ...(onlyHere.length === 0 ? [] : [`Not in the backup, so left as they are: ${onlyHere.join(', ')}`]),
    ...(onlyThere.length === 0
      ? []
      : [`In the backup alone, so not swapped, and gone with ${beside}: ${onlyThere.join(', ')}. For those: /dr restore namespace into=${target}`]),
    'An autoscaler that aims at what stands still rests while it has no pods, and goes on behind',
  ];
}
