import { counted } from '../../../model/counted.ts';
import { type Held, isBuiltIn, isPassing, kindName } from './contents.ts';

/** What happens to each object of a backup in the namespace that it goes into. */
export type Difference = {
  readonly creates: readonly Held[];
  /** There already: left as they are, or overwritten, as the policy says. */
  readonly exists: readonly Held[];
  /** Of kinds that nobody may look at here. */
  readonly unseen: readonly Held[];
};

/** `existing` by `kindName`: the names that are there. A kind that is not in it was not looked at. */
export function differenceOf(held: readonly Held[], existing: ReadonlyMap<string, ReadonlySet<string>>, targetExists: boolean): Difference {
  // What the cluster makes by itself in each namespace is nobody's news.
  const counting = held.filter((one) => !isBuiltIn(one));
  if (!targetExists) return { creates: counting, exists: [], unseen: [] };
  const seen = (one: Held): ReadonlySet<string> | undefined => existing.get(kindName(one));
  return {
    creates: counting.filter((one) => seen(one)?.has(one.name) === false),
    exists: counting.filter((one) => seen(one)?.has(one.name) === true),
    unseen: counting.filter((one) => seen(one) === undefined),
  };
}

/** What must be there afterwards, by kind. Not what controllers take away and make again at will. */
export function expectedCounts({ creates }: Difference): { readonly [kind: string]: number } {
  const lasting = creates.filter((one) => !isPassing(one));
  return Object.fromEntries([...Map.groupBy(lasting, kindName)].map(([kind, list]) => [kind, list.length] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const MOST_NAMES = 5;
const MOST_KINDS = 12;

/** `3 Deployments (api, pay, web), 40 ConfigMaps (a, b, c, d, e and 35 more)`: the most telling kinds first, what controllers make last. */
export function listText(list: readonly Held[]): string {
  const groups = [...Map.groupBy(list, ({ kind }) => kind)].sort(([a, one], [b, other]) => weight(one) - weight(other) || (a < b ? -1 : 1));
  const shown = groups.slice(0, MOST_KINDS).map(([kind, held]) => `${counted(held.length, kind)}${isBrief(held) ? '' : ` (${namesOf(held)})`}`);
  const rest = groups.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${counted(rest, 'more kind')}`] : [])].join(', ');
}

const isBrief = (held: readonly Held[]): boolean => held[0] !== undefined && isPassing(held[0]);

const FIRST_KINDS = ['PersistentVolumeClaim', 'StatefulSet', 'Deployment', 'DaemonSet', 'CronJob', 'Service', 'ConfigMap', 'Secret'];

function weight(held: readonly Held[]): number {
  const [first] = held;
  if (first === undefined || isPassing(first)) return 99;
  const at = FIRST_KINDS.indexOf(first.kind);
  return at < 0 ? FIRST_KINDS.length : at;
}

function namesOf(held: readonly Held[]): string {
  const names = held.map(({ name }) => name).sort();
  const rest = names.length - MOST_NAMES;
  return rest > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : names.join(', ');
}
