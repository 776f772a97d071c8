import { z } from 'zod';
import type { SlackClient } from './client.ts';

const Place = z.looseObject({ file_id: z.string(), upload_url: z.url() });
const Done = z.looseObject({});

/** A report's file, named after what it is known by: the incident, and the line of its timeline that ended it. */
const NAME = /^report-([0-9a-f]{16}-\d+)-(\d+)\.md$/;

export function fileName(key: string): string {
  const [, incident = '', n = ''] = /^incident\/([0-9a-f]{16}-\d+)\/file\/(\d+)$/.exec(key) ?? [];
  return `report-${incident}-${n}.md`;
}

/** The key of the message that this file was; undefined: it is none of ours. */
export function fileKey(name: string): string | undefined {
  const [, incident, n] = NAME.exec(name) ?? [];
  return incident === undefined || n === undefined ? undefined : `incident/${incident}/file/${n}`;
}

export type Shared = { readonly channel: string; readonly root?: string | undefined; readonly key: string; readonly title: string; readonly text: string };

/** Puts a file into a channel, or under a message. Only the last of its three requests shows anything: who died before begins anew. */
export async function share(client: SlackClient, { channel, root, key, title, text }: Shared): Promise<void> {
  const place = await client.call('files.getUploadURLExternal', { filename: fileName(key), length: Buffer.byteLength(text) }, Place);
  await client.upload?.(place.upload_url, text);
  const files = JSON.stringify([{ id: place.file_id, title }]);
  await client.call('files.completeUploadExternal', { files, channel_id: channel, ...(root === undefined ? {} : { thread_ts: root }) }, Done);
}
