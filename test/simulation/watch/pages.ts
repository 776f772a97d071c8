import { laneId } from '../../../src/model/identity.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { isObject } from '../../../src/model/json.ts';
import type { Run } from '../../../src/model/run.ts';
import { PageShape } from '../../../src/notify/lane.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import type { Services } from '../services.ts';
import { ROUTES } from '../site.ts';
import { UNWELL } from './end.ts';
import type { Scene, Watch } from './watch.ts';

/** What the pager took: a trigger, or an escalation of the incident that there is. A recorder has one integration for each rung, of its name. */
export type Taken = { readonly key: string; readonly integration: string; readonly atMs: number };
type Asked = { readonly key: string; readonly target: string; readonly atMs: number };
type Ended = { readonly incidents: readonly Incident[]; readonly runs: readonly Run[] };

/** Nobody's page is lost: the pager takes each behind the moment in which it is stored, and PagerDuty makes an incident of it, or the timeline says that it does not. */
export function pagesWatch(scene: Scene, services: Services | undefined): Watch & { judge(of: Ended): void } {
  const asked: Asked[] = [];
  const taken: Taken[] = [];
  let isForgetful = false;
  const integrationOf = (target: string): string | undefined => {
    if (services === undefined) return target;
    return Object.hasOwn(services.account.routes, target) ? Object.entries(ROUTES).find(([name]) => name === target)?.[1] : ROUTES['platform-primary'];
  };
  const linesOf = ({ id, cluster }: Incident) => scene.state.entries.get(keyOf(cluster, id)) ?? [];

  const judgeCall = ({ key, target }: Asked, incident: Incident | undefined): void => {
    // Where one rung's service calls nobody, the next rung's does.
    const made = services?.pagerduty.incidents().some((one) => one.key === key) ?? true;
    // Who took the event and calls nobody is told of, unless somebody has answered already.
    const isOver = incident?.climbs.every(({ stoppedMs }) => stoppedMs !== undefined) === true;
    const isTold = incident !== undefined && linesOf(incident).some(({ type, data }) => type === 'page.nobody' && data.includes(target));
    if (!made && !isOver && !isTold) scene.broken('a page calls somebody', `the page for ${target} about ${key} made no incident`);
  };

  return {
    wentBack() {
      isForgetful = true;
      asked.length = 0;
    },
    committed(_, { changes }) {
      for (const change of changes) {
        if (change.do !== 'mail' || !change.to.startsWith(laneId('pager', '')) || !isObject(change.value)) continue;
        const page = PageShape.safeParse(change.value['message']).data;
        if (page?.action === 'trigger') asked.push({ key: page.dedupKey, target: page.target, atMs: scene.nowMs() });
      }
    },
    pagerTook: (one) => void taken.push(one),
    paged: (_, { action, dedupKey, target }) => {
      if (action === 'trigger') taken.push({ key: dedupKey, integration: target, atMs: scene.nowMs() });
    },
    judge({ incidents, runs }) {
      const unheard = isForgetful ? undefined : runs.find(({ state, incident }) => UNWELL.has(state) && !asked.some(({ key }) => key.endsWith(`/${incident}`)));
      if (unheard !== undefined)
        scene.broken('people hear of a bad end', `${unheard.id} ended ${unheard.state}, and nobody was called for ${unheard.incident}`);
      for (const one of asked) {
        if (!taken.some(({ key, integration, atMs }) => key === one.key && integration === integrationOf(one.target) && atMs >= one.atMs))
          scene.broken('no page is lost', `the page for ${one.target} about ${one.key}, stored at ${Math.floor(one.atMs)}, was never taken`);
        judgeCall(
          one,
          incidents.find(({ id }) => one.key.endsWith(`/${id}`)),
        );
      }
    },
  };
}
