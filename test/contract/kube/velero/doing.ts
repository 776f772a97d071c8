import type { JsonObject } from '../../../../src/model/json.ts';
import { textAt } from '../../../../src/world/object.ts';
import type { Site } from './site.ts';
import { statusOf } from './status.ts';
import type { Story } from './story.ts';

const ENDS = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];
/** A backup that misses its turn is looked at again after up to a minute. */
const END_MS = 75_000;

export type Ran = { readonly name: string; readonly done: JsonObject; readonly phases: readonly string[]; readonly fields: ReturnType<Story['fields']> };
type Given = { readonly name?: string; readonly metadata?: JsonObject };

/** Makes a Backup or Restore and watches it to its end. */
export async function run(
  site: Site,
  kind: 'Backup' | 'Restore',
  spec: JsonObject,
  { name = site.name(kind.toLowerCase()), metadata = {} }: Given = {},
): Promise<Ran> {
  using story = await site.watch(kind, name);
  await site.make(kind, name, spec, metadata);
  const done = await site.reaches(kind, name, ENDS, END_MS);
  // The watch may be a moment behind the read.
  await story.until(textAt(statusOf(done), 'phase'));
  return { name, done, phases: story.phases(), fields: story.fields() };
}

/** Waits for the end of one that is there. */
export async function ended(site: Site, kind: 'Backup' | 'Restore', name: string): Promise<JsonObject> {
  return await site.reaches(kind, name, ENDS, END_MS);
}

/** The signed URL of a file. */
export async function signed(site: Site, kind: string, of: string): Promise<string> {
  const name = site.name('download');
  await site.make('DownloadRequest', name, { target: { kind, name: of } });
  return textAt(statusOf(await site.reaches('DownloadRequest', name, ['Processed'])), 'downloadURL');
}
