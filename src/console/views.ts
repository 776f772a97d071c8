import type { Caller, Commands } from '../port/commands.ts';
import type { Page, Seat } from './layout.ts';
import { auditPage } from './page/audit.ts';
import { incidentPage } from './page/incident.ts';
import { incidentsPage } from './page/incidents.ts';
import { operationsPage } from './page/operations.ts';
import { playbookPage, playbooksPage } from './page/playbooks.ts';
import { runPage } from './page/run.ts';
import { runsPage } from './page/runs.ts';

type Looking = {
  readonly commands: Commands;
  readonly caller: Caller;
  readonly seat: Seat;
  readonly part: (name: string) => string;
  /** New for each page. */
  readonly key: string;
};

export type View = (looking: Looking) => Promise<Page>;

const MOST = 50;
const FEW = 20;

/** Every page that is looked at, by its path. */
export const views: ReadonlyMap<string, View> = new Map<string, View>([
  [
    '/',
    async ({ commands, caller, seat }) => {
      const [open, closed, runs] = await Promise.all([
        commands.incidents(caller, { state: ['open', 'mitigated'], limit: MOST }),
        commands.incidents(caller, { state: ['closed'], limit: FEW }),
        commands.runs(caller, { state: ['proposed', 'waiting'], limit: MOST }),
      ]);
      const waiting = runs.items.filter((run) => run.state === 'proposed' || run.waiting?.for === 'person');
      return incidentsPage({ open: open.items, closed: closed.items, waiting }, seat);
    },
  ],
  ['/incidents/:id', async ({ commands, caller, seat, part }) => incidentPage(await commands.incident(caller, part('id')), seat)],
  [
    '/runs',
    async ({ commands, caller, seat }) => {
      const [open, ended, locks] = await Promise.all([
        commands.runs(caller, { open: true, limit: MOST }),
        commands.runs(caller, { open: false, limit: FEW }),
        commands.locks(caller),
      ]);
      return runsPage({ open: open.items, ended: ended.items, locks: locks.items }, seat);
    },
  ],
  ['/runs/:id', async ({ commands, caller, seat, part }) => runPage(await commands.run(caller, part('id')), seat)],
  ['/playbooks', async ({ commands, caller }) => playbooksPage((await commands.playbooks(caller)).items)],
  ['/playbooks/:id', async ({ commands, caller, seat, part, key }) => playbookPage(await commands.playbook(caller, part('id')), seat, key)],
  [
    '/operations',
    async ({ commands, caller, seat }) => {
      const [ledger, pauses, quarantine] = await Promise.all([commands.ledger(caller), commands.pauses(caller), commands.quarantine(caller, { limit: FEW })]);
      return operationsPage({ ledger, pauses: pauses.items, quarantine: quarantine.items }, seat);
    },
  ],
  ['/audit', async ({ commands, caller }) => auditPage(await commands.auditVerify(caller))],
]);
