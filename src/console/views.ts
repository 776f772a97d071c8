import type { View } from './looking.ts';
import { auditView } from './page/audit.ts';
import { incidentView } from './page/incident.ts';
import { incidentsView } from './page/incidents.ts';
import { operationsView } from './page/operations.ts';
import { peoplePage } from './page/people.ts';
import { playbooksPage, playbookView } from './page/playbooks.ts';
import { quarantineView } from './page/quarantine.ts';
import { runPage } from './page/run.ts';
import { runsView } from './page/runs.ts';

/** Every page that is looked at, by its path. */
export const views: ReadonlyMap<string, View> = new Map<string, View>([
  ['/', incidentsView],
  ['/incidents/:id', incidentView],
  ['/runs', runsView],
  ['/runs/:id', async ({ commands, caller, seat, part }) => runPage(await commands.run(caller, part('id')), seat)],
  ['/playbooks', async ({ commands, caller }) => playbooksPage((await commands.playbooks(caller)).items)],
  ['/playbooks/:id', playbookView],
  ['/operations', operationsView],
  ['/quarantine', quarantineView],
  ['/audit', auditView],
  ['/people', ({ seat }) => Promise.resolve(peoplePage(seat))],
]);
