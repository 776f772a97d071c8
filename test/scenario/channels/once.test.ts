import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SlackFaultInput } from '../../../src/world/slack/scenario.ts';
import { openSlackScene, type SlackScene } from './slack-scene.ts';

const METHODS = ['conversations.create', 'conversations.list', 'conversations.setPurpose', 'conversations.invite', 'bookmarks.add', 'pins.add', 'auth.test'];
const GIVE = ['reset', 'lost-reply', 'server-error', 'hang', 'rate-limited', 'down'] as const;

type Trouble = { readonly dies: string } | { readonly fault: SlackFaultInput } | { readonly taken: true };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ dies: fc.constantFrom(...METHODS) }),
  fc.record({
    fault: fc.record({
      give: fc.constantFrom(...GIVE),
      method: fc.constantFrom(...METHODS, 'conversations.*'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  }),
  fc.constant({ taken: true } as const),
);

async function befall(scene: SlackScene, one: Trouble, name: string): Promise<void> {
  if ('dies' in one) scene.dieAfter(one.dies);
  else if ('fault' in one) scene.slack.fault(one.fault);
  else if (scene.channels().length === 0) scene.slack.apply({ channels: [{ name, members: ['dan'], bot: false }] });
  await scene.pass('20s');
}

const oursIn = ({ slack, channels }: SlackScene) => channels().filter(({ creator }) => creator === slack.workspace.app.userId);

/** What the incident's channel is called where nothing goes wrong. */
async function usualName(): Promise<string> {
  const scene = await openSlackScene();
  await scene.failed();
  await scene.pass('2m');
  return oursIn(scene)[0]?.name ?? '';
}

test('whatever goes wrong while it is made, an incident has one channel, with everything once', { timeout: 120_000 }, async () => {
  const name = await usualName();
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { minLength: 1, maxLength: 5 }), async (troubles) => {
      const scene = await openSlackScene();
      const [first, ...others] = troubles;
      if (first !== undefined) await befall(scene, first, name);
      await scene.failed();
      for (const one of others) await befall(scene, one, name);
      scene.slack.clearFaults();
      await scene.pass('15m');
      const ours = oursIn(scene);
      expect(ours.map((one) => one.name)).toEqual([expect.stringMatching(new RegExp(`^${name}(-2)?$`))]);
      const [channel] = ours;
      expect(channel).toMatchObject({ topic: expect.stringMatching(/^SEV1/), bookmarks: [{ title: 'Console' }] });
      expect([channel?.members.size, channel?.pins.size]).toEqual([3, 1]);
      expect((await scene.timeline()).filter((text) => text.endsWith('is the channel of this incident'))).toHaveLength(1);
    }),
    { numRuns: 20 },
  );
});
