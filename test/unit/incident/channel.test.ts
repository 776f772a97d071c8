import { expect, test } from 'vitest';
import { saidInside } from '../../../src/incident/channel.ts';
import { chain, emptyChain } from '../../../src/model/entry.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Outgoing } from '../../../src/notify/lane.ts';
import { renderCard, renderEntry, renderProposal } from '../../../src/notify/render.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { incident as known } from '../notify/story.ts';

const RUN = 'run/a-1';
const proposed = { type: 'run.proposed', data: { text: 'Proposed: retry', run: RUN, state: 'proposed', facts: { digest: 'aaaa', asks: 'needs 1' } } };
const before = [{ type: 'incident.opened', data: { text: 'It began' } }, proposed];
const now = [
  { type: 'channel.opened', data: { text: '#inc-1 is the channel of this incident' } },
  { type: 'approval.granted', data: { text: 'Approved', run: RUN, facts: { by: ['ana'], digest: 'aaaa' } } },
  { type: 'run.ended', data: { text: 'Ended done', run: RUN, facts: { end: 'done' } } },
];

test('a proposal that is decided, and forgotten, in the turn in which the channel opens stands there once', async () => {
  const store = oracleStore({ clock: virtualClock() });
  const { entries, head } = chain(
    known.id,
    emptyChain,
    [...before, ...now].map((line, at) => ({ ...line, atMs: at })),
  );
  const { cluster, id } = known;
  const guards = [{ is: 'absent', id }] as const;
  await store.commit({ partition: cluster, opId: 'one', guards, changes: [{ do: 'append', of: id, entries: entries.slice(0, before.length) }] });
  const incident: Incident = { ...known, chain: head, channel: { wanted: 'inc-1', state: 'open', id: 'C1', name: 'inc-1' }, proposals: [] };
  const over = { how: 'approved', text: 'Approved by ana', atMs: 4 } as const;
  const said: readonly Outgoing[] = [
    { to: 'chat', message: renderCard(incident, [], 5) },
    ...entries.slice(before.length).map((entry): Outgoing => ({ to: 'chat', message: renderEntry(entry, incident) })),
    ...entries
      .slice(1, 2)
      .map((entry): Outgoing => ({ to: 'chat', message: renderProposal(entry, incident, { run: RUN, n: 2, digest: 'aaaa', votes: [], over }) })),
  ];
  const inside = await saidInside(store, incident, { said, entries: entries.slice(before.length) });
  const keys = inside.map((one) => (one.to === 'chat' ? one.message.key.replace(`${id}/`, '') : ''));
  expect(keys).toEqual([expect.any(String), 'entry/1', 'entry/2', 'entry/3', 'entry/4', 'entry/5']);
});
