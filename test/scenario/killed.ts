import { behindChange } from './behind-change.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';

/** Something that happens to a scene and how it ends, whenever Salvor dies meanwhile. */
export type Story = { readonly name: string; readonly options: SceneOptions; readonly play: (scene: Scene) => Promise<void>; readonly ends: object };

/** A person tries until they hear that it counts, as people do whose answer got lost. */
export async function untilHeard(scene: Scene, what: () => Promise<unknown>): Promise<void> {
  for (let press = 0; press < 5; press += 1) {
    const heard = await what().then(
      () => true,
      () => false,
    );
    if (heard) return;
    await scene.pass('1s');
  }
  throw new Error('nobody is heard');
}

/** Everything that a user could notice at the end, but for times: who has to press twice is a second later. */
async function endOf(scene: Scene) {
  const incident = await scene.incident();
  // How far a step or a node was when it was looked at depends on when that was, too.
  const steady = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => !/^((create|drain): |Still waiting: )/.test(line)).map((line) => line.replaceAll(/\d\d:\d\d(:\d\d)?/g, 'hh:mm'));
  return {
    run: (await scene.run()).state,
    runs: (await scene.runs()).length,
    incident: incident.state,
    because: incident.closedBecause,
    writes: scene.writes(),
    timeline: steady(await scene.timeline()),
    chat: steady(scene.chat().slice(1)),
    pages: scene.pages(),
    ledger: await scene.ledger(),
    audit: (await scene.audit()).problems,
  };
}

async function undisturbed({ options, play }: Story) {
  const scene = openScene(options);
  const { changes } = behindChange(scene, 0, () => {});
  await play(scene);
  return { told: await endOf(scene), changes: changes() };
}

/** Plays the story once for each change of what is stored, and kills Salvor behind that one: how it ends undisturbed, and which ends are others. */
export async function killedBehindEachChange(story: Story) {
  const { told, changes } = await undisturbed(story);
  if (changes < 40) throw new Error(`only ${changes} changes: the story does not play`);
  const different: unknown[] = [];
  for (let n = 1; n <= changes; n += 1) {
    const scene = openScene(story.options);
    behindChange(scene, n, () => scene.kill());
    await story.play(scene);
    const ended = { killedBehind: n, boots: scene.state.boot, ...(await endOf(scene)) };
    if (JSON.stringify(ended) !== JSON.stringify({ killedBehind: n, boots: 2, ...told })) different.push(ended);
  }
  return { told, different: different.slice(0, 3) };
}

/** How the story ends undisturbed, and how where Salvor dies every five seconds. */
export async function killedEveryFiveSeconds(story: Story) {
  const { told } = await undisturbed(story);
  const scene = openScene(story.options);
  const again = (): void => {
    scene.kill();
    scene.clock.after(5000, again);
  };
  scene.clock.after(5000, again);
  await story.play(scene);
  await scene.pass('30s');
  return { told, ended: await endOf(scene) };
}
