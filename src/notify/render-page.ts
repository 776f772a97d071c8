import { plain } from '../domain/plain.ts';
import type { Incident } from '../model/incident.ts';
import { formatTime } from '../model/time.ts';
import type { Page } from '../port/pager.ts';
import { dedupKey, PAGER_SEVERITY } from './thread.ts';

/** What wakes a person, or tells the pager that it was answered or is over. One dedup key per incident: a second page is no second incident. */
export function renderPage(incident: Incident, page: Pick<Page, 'action' | 'target' | 'before'> & { readonly reason: string }): Page {
  const { severity, title, cluster, playbook } = incident;
  return {
    action: page.action,
    dedupKey: dedupKey(incident),
    target: page.target,
    severity: PAGER_SEVERITY[severity],
    summary: plain(`${severity} ${title}: ${page.reason}`, 1000),
    details: {
      incident: incident.id,
      cluster: plain(cluster),
      state: incident.state,
      since: formatTime(incident.openedMs),
      reason: plain(page.reason),
      ...(playbook === undefined ? {} : { playbook }),
    },
    ...(page.before === undefined || page.before.length === 0 ? {} : { before: page.before }),
  };
}
