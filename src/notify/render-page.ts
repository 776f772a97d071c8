import { plain } from '../domain/plain.ts';
import { shortId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import { formatTime } from '../model/time.ts';
import { OWN_NOTE, type Page } from '../port/pager.ts';
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

type Aside = {
  readonly action: 'note' | 'change';
  /** Whole, as it is stored; empty: it is about none. */
  readonly run: string;
  readonly text: string;
  readonly atMs: number;
  /** The report is named behind it. */
  readonly report?: true;
};

/** What was decided or carried out, for those who look at PagerDuty: it wakes nobody. */
export function renderAside(incident: Incident, { action, run, text, atMs, report }: Aside): Page {
  return {
    action,
    dedupKey: dedupKey(incident),
    target: action,
    severity: 'info',
    summary: plain(action === 'note' ? `${OWN_NOTE}${text}` : `${text}: ${incident.title}`, 1000),
    details: {
      incident: incident.id,
      cluster: plain(incident.cluster),
      run,
      at: new Date(atMs).toISOString(),
      ...(action === 'note' ? { since: new Date(incident.openedMs).toISOString() } : {}),
      ...(report === undefined ? {} : { report: shortId(incident.id) }),
    },
  };
}

type Asking = {
  /** Their names, and their ids in the pager. */
  readonly whom: readonly (readonly [name: string, id: string])[];
  readonly run: string;
  readonly text: string;
  readonly atMs: number;
};

/** People who may vote by now are asked to help on the call that is open. */
export function renderAsk(incident: Incident, { whom, ...aside }: Asking): Page {
  const page = renderAside(incident, { action: 'change', ...aside });
  const [names, ids] = [whom.map(([name]) => plain(name, 60)).join(', '), whom.map(([, id]) => id).join(',')];
  return { ...page, action: 'ask', target: 'ask', details: { ...page.details, names, whom: ids } };
}
