import type { Work } from './work.ts';
import { ack } from './works/ack.ts';
import { append } from './works/append.ts';
import { approvals } from './works/approvals.ts';
import { burst } from './works/burst.ts';
import { clusterUp } from './works/cluster-up.ts';
import { console10000 } from './works/console.ts';
import { cost } from './works/cost.ts';
import { day } from './works/day.ts';
import { diagnosis } from './works/diagnosis.ts';
import { drain } from './works/drain.ts';
import { effect } from './works/effect.ts';
import { footprint } from './works/footprint.ts';
import { groups } from './works/groups.ts';
import { killed } from './works/killed.ts';
import { nodes } from './works/nodes.ts';
import { outage } from './works/outage.ts';
import { press } from './works/press.ts';
import { refused } from './works/refused.ts';
import { replica } from './works/replica.ts';
import { restart } from './works/restart.ts';
import { restore } from './works/restore.ts';
import { retention } from './works/retention.ts';
import { slow } from './works/slow.ts';
import { start } from './works/start.ts';
import { stored } from './works/stored.ts';
import { webhooks } from './works/webhooks.ts';

/** Everything that `npm run bench` measures, in its order. */
export const WORKS: readonly Work[] = [
  ack,
  webhooks,
  effect,
  burst,
  killed,
  slow,
  approvals,
  press,
  outage,
  append,
  groups,
  restart,
  replica,
  stored,
  day,
  start,
  footprint,
];

/** What takes long, or needs programs that have to be built first: only by name. */
export const ON_REQUEST: readonly Work[] = [cost, refused, nodes, drain, restore, diagnosis, retention, console10000, clusterUp];
