import type { Policy } from '../model/policy.ts';
import { type Members, withGroups } from './group.ts';

type Known = ReadonlyMap<string, Members>;
type Sources = { readonly configured: () => Policy; readonly known: () => Known; readonly nowMs: () => number };

/** How long a policy that was worked out is as good as one that would be: groups are as old as that anyway. */
const SAME_MS = 1000;

/** The policy as people and groups are now. Asked before every decision, so that it is worked out again only where something may have changed. */
export function policyNow({ configured, known, nowMs }: Sources): () => Policy {
  let last: { readonly from: Policy; readonly with: Known; readonly second: number; readonly is: Policy } | undefined;
  return () => {
    const [from, groups, second] = [configured(), known(), Math.floor(nowMs() / SAME_MS)];
    if (last?.from !== from || last.with !== groups || last.second !== second) last = { from, with: groups, second, is: withGroups(from, groups, nowMs()) };
    return last.is;
  };
}
