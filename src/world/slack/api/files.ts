import { z } from 'zod';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import { postable } from './find.ts';
import { inJson, method, refuse, Ts, Whole } from './method.ts';

const getUploadURL = method({
  scopes: ['files:write'],
  rate: TIER.four,
  args: z.looseObject({ filename: z.string().min(1), length: Whole }),
  run(core, { filename: name, length: sizeBytes }) {
    if (sizeBytes < 1) return refuse('invalid_arguments');
    const id = core.newId('F');
    core.workspace.files.set(id, { id, name, title: name, sizeBytes, shared: false });
    return { file_id: id, upload_url: `${core.baseUrl()}/upload/${id}` };
  },
});

const Files = z.array(z.looseObject({ id: z.string(), title: z.string().optional() })).min(1);

const complete = method({
  scopes: ['files:write'],
  rate: TIER.four,
  args: z.looseObject({ files: inJson(Files), channel_id: z.string().optional(), thread_ts: Ts.optional(), initial_comment: z.string().optional() }),
  run(core, { files: given, channel_id: channelId, thread_ts: threadTs, initial_comment: text = '' }) {
    const files = given.map(({ id, title }) => {
      const file = core.workspace.files.get(id) ?? refuse('file_not_found');
      if (file.content === undefined) return refuse('file_upload_not_completed');
      file.title = title ?? file.title;
      return file;
    });
    if (channelId !== undefined) {
      const channel = postable(core, channelId);
      for (const file of files) file.shared = true;
      core.post({ channel, user: core.workspace.app.userId, isOurs: true, text, threadTs, files: files.map(({ id }) => id) });
    }
    return { files: files.map(({ id, title, name, sizeBytes }) => ({ id, title, name, size: sizeBytes })) };
  },
});

/** What is posted to an upload address: the status and text of the answer. */
export function upload({ workspace, changed }: Core, id: string, content: Buffer): { readonly code: number; readonly text: string } {
  const file = workspace.files.get(id);
  if (file === undefined) return { code: 404, text: 'file not found' };
  file.content = content;
  changed();
  return { code: 200, text: `OK - ${content.byteLength}` };
}

export const FILES = { 'files.getUploadURLExternal': getUploadURL, 'files.completeUploadExternal': complete };
