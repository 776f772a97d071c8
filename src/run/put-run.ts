import type { Sheet } from '../ingest/sheet.ts';
import { blobId, runHeadId } from '../model/identity.ts';
import type { JsonObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Start } from '../model/run.ts';
import type { Target } from '../route/target.ts';
import { type Intake, settingsOf } from './intake.ts';
import { readRunHead, type Started, startRun } from './start.ts';

/** What a run of a playbook needs to begin. */
export type Prepared = { readonly params: JsonObject; readonly found: JsonObject; readonly target: Target; readonly locks: readonly Target[] };

export type Wanted = Prepared & {
  readonly playbook: Playbook;
  readonly incident: string;
  readonly start: Start;
  readonly nowMs: number;
  /** Parameters of the open run, where a person asks. */
  readonly open?: JsonObject;
};

/** Puts a run onto the sheet, with the text of its playbook, unless one is open or the last one ended only just now. */
export async function putRun(intake: Intake, sheet: Sheet, wanted: Wanted): Promise<Started> {
  const { playbook, target, open } = wanted;
  const cluster = sheet.partition;
  const headId = runHeadId({ playbook: playbook.id, cluster, target: target.value });
  const text = blobId(playbook.digest);
  await sheet.load([headId, text]);
  sheet.rely(headId);
  const { repeatIntervalMs } = settingsOf(intake, cluster);
  const started = startRun({ ...wanted, cluster, repeatIntervalMs }, { head: readRunHead(sheet.value(headId)), ...(open === undefined ? {} : { open }) });
  if (started.kind !== 'started') return started;
  if (sheet.value(text) === undefined) sheet.put({ id: text, kind: 'blob', value: playbook.text });
  else sheet.rely(text);
  sheet.add(...started.changes);
  return started;
}
