import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { errorText } from '../model/error.ts';
import type { Desk } from './desk.ts';

const Opened = z.looseObject({ view: z.looseObject({ id: z.string(), hash: z.string().optional() }) });
const Updated = z.looseObject({});

export type OpenedView = { readonly id: string; readonly hash: string | undefined } | { readonly why: string };

/** Opens a form over whatever the person looks at. Slack takes a trigger for 3 s, and once. */
export async function openModal({ client, log }: Pick<Desk, 'client' | 'log'>, trigger: string, view: ModalView): Promise<OpenedView> {
  try {
    const { view: opened } = await client.call('views.open', { trigger_id: trigger, view }, Opened);
    return { id: opened.id, hash: opened.hash };
  } catch (error) {
    log.warn('slack.form-not-opened', { reason: errorText(error) });
    return { why: errorText(error) };
  }
}

/** Puts another content into an open form; with `hash` only where it is still the one that was seen. Throws where Slack does not take it. */
export async function replaceModal(
  { client }: Pick<Desk, 'client'>,
  { id, hash }: { readonly id: string; readonly hash?: string | undefined },
  view: ModalView,
): Promise<void> {
  await client.call('views.update', { view_id: id, ...(hash === undefined ? {} : { hash }), view }, Updated);
}
