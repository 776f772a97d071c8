import type { JsonObject } from '../../../../src/model/json.ts';
import { textAt } from '../../../../src/world/object.ts';
import type { Raw } from '../raw.ts';
import type { Site } from './site.ts';
import { phaseOf, readObject, statusOf } from './status.ts';

/** What a watch told of one object. */
export type Story = Disposable & {
  /** Its states in order, the last one before it went away included. */
  states(): readonly JsonObject[];
  /** Its phases in order, each once in a row; an empty text where it has none. */
  phases(): readonly string[];
  /** For each phase the fields of the status that it began with. */
  fields(): readonly (readonly [phase: string, fields: string])[];
  /** The resourceVersion with which a phase began. */
  versionOf(phase: string): number;
  /** Waits until the watch has told of this phase. */
  until(phase: string, withinMs?: number): Promise<JsonObject>;
  /** Waits until the watch has told that it is gone. */
  gone(withinMs?: number): Promise<void>;
};

type Of = { readonly path: string; readonly name: string; readonly until: Site['until'] };

export async function storyOf(raw: Raw, { path, name, until }: Of): Promise<Story> {
  const states: JsonObject[] = [];
  let isGone = false;
  const watch = await raw.watch(`${path}?watch=true&fieldSelector=metadata.name%3D${name}`);
  const follow = async (): Promise<void> => {
    for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
      const object = readObject(line.object);
      if (textAt(object, 'metadata', 'name') !== name) continue;
      states.push(object);
      isGone = line.type === 'DELETED';
    }
  };
  follow().catch(() => undefined);
  return {
    states: () => [...states],
    phases: () => begun(states).map(phaseOf),
    fields: () => begun(states).map((state) => [phaseOf(state), Object.keys(statusOf(state)).sort().join(' ')] as const),
    versionOf: (phase) =>
      Number(
        textAt(
          states.find((state) => phaseOf(state) === phase),
          'metadata',
          'resourceVersion',
        ),
      ),
    until: (phase, withinMs) => until(`${name} to be told of as ${phase}`, async () => states.find((state) => phaseOf(state) === phase), withinMs),
    gone: async (withinMs) => void (await until(`${name} to go`, async () => isGone || undefined, withinMs)),
    [Symbol.dispose]: () => watch.close(),
  };
}

/** The states in which a phase began. */
function begun(states: readonly JsonObject[]): readonly JsonObject[] {
  return states.filter((state, index) => index === 0 || phaseOf(state) !== phaseOf(states[index - 1]));
}
