import type { Sheet } from '../ingest/sheet.ts';
import { runHeadId, runId } from '../model/identity.ts';
import { isObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Intake } from './intake.ts';
import { isClosed } from './open-incident.ts';
import { readRunHead } from './start.ts';

/** A storm that is on: the run that took over from the single ones, and the incident that people have. */
export type StormOn = { readonly run: string; readonly incident: string };

/**
 * The storm of this cluster, while the run that answers it is open, and, where that handed over to people, for as long as its playbook lets things rest.
 * What fires then is of the same outage: one more look, question or page for each alert would help nobody. `taker`: only a storm that this playbook
 * answers; absent: any. Nobody's storm is one that a person started, or whose incident was closed.
 */
export async function stormOn(intake: Pick<Intake, 'catalog' | 'clock'>, sheet: Sheet, taker?: string): Promise<StormOn | undefined> {
  const playbooks = intake.catalog().map(({ playbook }) => playbook);
  const takers = new Set(playbooks.flatMap(({ storm }) => (storm === undefined || (taker !== undefined && storm.start !== taker) ? [] : [storm.start])));
  for (const playbook of playbooks) {
    if (!takers.has(playbook.id)) continue;
    const found = await answeredBy(intake, sheet, playbook);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function answeredBy({ clock }: Pick<Intake, 'clock'>, sheet: Sheet, { id, cooldown }: Playbook): Promise<StormOn | undefined> {
  const named = { playbook: id, cluster: sheet.partition, target: sheet.partition };
  const headId = runHeadId(named);
  await sheet.load([headId]);
  const { openRun, end, endedMs = 0, ordinal } = readRunHead(sheet.value(headId));
  const rests = end === 'handed-over' && clock.nowMs() < endedMs + cooldown;
  if (openRun === undefined && !rests) return undefined;
  const run = openRun ?? runId({ ...named, ordinal });
  await sheet.load([run]);
  const stored = sheet.value(run);
  const start = isObject(stored) ? stored['start'] : undefined;
  const incident = isObject(stored) ? stored['incident'] : undefined;
  if (!isObject(start) || start['by'] !== 'storm' || typeof incident !== 'string') return undefined;
  await sheet.load([incident]);
  if (isClosed(sheet, incident)) return undefined;
  sheet.rely(headId);
  return { run, incident };
}
