import { expect, test } from 'vitest';
import { newChannelLane } from '../../../../src/notify/channel/lane.ts';
import { makeChannel } from '../../../../src/notify/channel/make.ts';
import type { Channels } from '../../../../src/port/channels.ts';

const NAME = 'inc-20261122-1-prod';
const HOUR_MS = 3_600_000;
const WANTED = { name: NAME, isPrivate: false, topic: '', purpose: '', invite: [], bookmarks: [], archiveAfterMs: HOUR_MS };

/** A place with a channel of ours that nobody has furnished; none can be made besides. */
const unfurnished: Pick<Channels, 'create' | 'find'> = {
  create: () => Promise.reject(new Error('there is one already')),
  find: async (name) => ({ id: 'C1', name, isOurs: true, purpose: '', isArchived: false }),
};

test('a channel whose making nobody heard of is found again by a clock that was an hour ahead, or behind', async () => {
  for (const offMs of [HOUR_MS, -HOUR_MS]) {
    const lane = { ...newChannelLane('incident/a-1'), wanted: WANTED, intent: { name: NAME, atMs: 10 * HOUR_MS + offMs } };
    const { lane: made } = await makeChannel(unfurnished as Channels, lane, { nowMs: 10 * HOUR_MS, isRepeat: true });
    expect(made).toMatchObject({ state: 'open', id: 'C1', name: NAME });
  }
});
