import { Cron } from 'croner';
import { z } from 'zod';
import { incidentKey } from '../ingest/incident.ts';
import { openSheet } from '../ingest/sheet.ts';
import { formatDuration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import type { Playbook } from '../model/playbook.ts';
import { formatTime } from '../model/time.ts';
import type { Claimed } from '../port/store.ts';
import { problemsText, readParams } from '../route/params.ts';
import { readTargets } from '../route/target.ts';
import { type Intake, settingsOf } from './intake.ts';
import { openIncident } from './open-incident.ts';
import { putRun } from './put-run.ts';

/** A slot that is this late is not made up for: it is told, and the next one runs. */
const LATEST_MS = 600_000;
const TRIES = 5;
const PREFIX = 'slot/schedule/';

const Slot = z.object({ playbook: z.string(), cron: z.string(), timeZone: z.string(), nextMs: z.number() });
type Slot = z.infer<typeof Slot>;

export const isScheduleSlot = (id: string): boolean => id.startsWith(PREFIX);

/** The next moment of a cron expression in its time zone, after a moment; undefined where there is none. */
export function nextSlot(schedule: { readonly cron: string; readonly timeZone: string }, afterMs: number): number | undefined {
  return new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true, mode: '5-part' }).nextRun(new Date(afterMs))?.getTime();
}

/** Makes the stored slots agree with the playbooks: asked at the start and after each reload. A slot whose cron stays keeps its moment. */
export async function keepSchedules(intake: Intake): Promise<void> {
  const nowMs = intake.clock.nowMs();
  for (const cluster of intake.clusters().map(({ name }) => name)) {
    const wanted = intake.catalog().flatMap(({ playbook }) => (runsOn(playbook, cluster) ? [playbook] : []));
    const { records } = await intake.store.list({ partition: cluster, kind: 'slot', where: { what: 'schedule' }, limit: 1000 });
    const sheet = openSheet(intake.store, cluster);
    await sheet.load([...wanted.map(({ id }) => PREFIX + id), ...records.map(({ id }) => id)]);
    for (const record of records) {
      if (wanted.some(({ id }) => PREFIX + id === record.id)) continue;
      sheet.rely(record.id);
      sheet.add({ do: 'delete', id: record.id });
    }
    for (const { id, schedule } of wanted) {
      const before = Slot.safeParse(sheet.value(PREFIX + id)).data;
      if (schedule === undefined || (before?.cron === schedule.cron && before.timeZone === schedule.timeZone)) continue;
      const nextMs = nextSlot(schedule, nowMs);
      if (nextMs !== undefined) putSlot(sheet, { playbook: id, cron: schedule.cron, timeZone: schedule.timeZone, nextMs });
    }
    // Another replica that was quicker has written the same.
    await sheet.commit(intake.ids.next());
  }
}

function runsOn(playbook: Playbook, cluster: string): boolean {
  const clusters = playbook.schedule?.clusters;
  return clusters === 'all' || (clusters?.includes(cluster) ?? false);
}

function putSlot(sheet: ReturnType<typeof openSheet>, slot: Slot): void {
  sheet.put({ id: PREFIX + slot.playbook, kind: 'slot', indexed: { what: 'schedule' }, dueMs: slot.nextMs, value: slot, release: true });
}

/** A slot has come: one run per cluster and slot. One that was missed, or skipped because a run is still open, is told. */
export async function scheduleDue(intake: Intake, { record }: Claimed): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await trySlot(intake, record.partition, record.id)) return;
  }
  throw new SalvorError('internal', `the slot ${record.id} keeps changing`, { retry: 'later' });
}

async function trySlot(intake: Intake, cluster: string, id: string): Promise<boolean> {
  const nowMs = intake.clock.nowMs();
  const sheet = openSheet(intake.store, cluster);
  await sheet.load([id]);
  const slot = Slot.safeParse(sheet.value(id)).data;
  if (slot === undefined || slot.nextMs > nowMs) return true;
  const playbook = intake.catalog().find(({ playbook: one }) => one.id === slot.playbook);
  const nextMs = nextSlot(slot, nowMs);
  if (nextMs !== undefined) putSlot(sheet, { ...slot, nextMs });
  if (playbook !== undefined) await startSlot(intake, sheet, { playbook: playbook.playbook, defaults: playbook.defaults ?? {}, slotMs: slot.nextMs });
  return sheet.commit(intake.ids.next());
}

type Starting = { readonly playbook: Playbook; readonly defaults: Parameters<typeof readParams>[1]['defaults']; readonly slotMs: number };

async function startSlot(intake: Intake, sheet: ReturnType<typeof openSheet>, { playbook, defaults = {}, slotMs }: Starting): Promise<void> {
  const cluster = sheet.partition;
  const nowMs = intake.clock.nowMs();
  const params = readParams(playbook, { cluster, namespaces: settingsOf(intake, cluster).namespaces, given: {}, defaults });
  const incident = await openIncident(sheet, {
    key: incidentKey(playbook, { cluster, labels: [], params: params.ok ? params.params : {} }),
    playbook: playbook.id,
    title: `${playbook.id} on ${cluster}, by schedule`,
    severity: playbook.severity ?? 'SEV3',
    nowMs,
  });
  const tell = (text: string): void =>
    sheet.add({ do: 'mail', to: incident, key: `slot/${slotMs}`, value: { kind: 'note', by: 'schedule', surface: 'schedule', text } });
  const at = formatTime(slotMs);
  if (nowMs - slotMs > LATEST_MS)
    return tell(`Missed: the slot of ${at} came while Salvor was not running, ${formatDuration(nowMs - slotMs)} ago. The next one runs.`);
  if (!params.ok) return tell(`Skipped the slot of ${at}: ${problemsText(params.problems)}`);
  const targets = readTargets(playbook, { cluster, params: params.params });
  if ('absent' in targets) return tell(`Skipped the slot of ${at}: nothing is at ${targets.absent}`);
  const started = await putRun(intake, sheet, { playbook, params: params.params, found: {}, ...targets, incident, start: { by: 'schedule', slotMs }, nowMs });
  if (started.kind !== 'started') tell(`Skipped the slot of ${at}: ${started.kind === 'parked' ? started.reason : `the run ${started.run} is still open`}`);
}
