import { expect } from 'vitest';
import { z } from 'zod';
import { MARK } from '../../../src/model/object.ts';
import type { Salvor } from './salvor.ts';

/** Looks at a ConfigMap of its thing's name, then writes one of its own. */
export const WRITE = `summary: A story
target: { from: params.thing }
params: { thing: { type: text } }
diagnose: [{ id: look, action: test.look, with: { name: { from: params.thing } } }]
stages: [{ id: do, steps: [{ id: one, action: test.write }] }]
`;

const Result = z.object({ name: z.string() });

/** The run comes to its end and did its one write once: by its own word, and by the API server's. What `salvor show` prints then. */
export async function expectDoneOnce(salvor: Salvor, id: string): Promise<string> {
  const run = await salvor.state(id, 'done');
  const { name } = Result.parse(run.steps[0]?.result);
  const made = await salvor.adapter.access.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' });
  expect(made.filter(({ metadata }) => metadata.annotations?.[MARK.run]?.endsWith(run.id)).map(({ metadata }) => metadata.name)).toEqual([name]);
  // A write that outlived its request is one that the API server believes to have failed.
  expect(salvor.writes().filter((line) => line.endsWith(name)).length).toBeLessThanOrEqual(1);
  expect(run.openIntents).toEqual([]);
  const types = run.journal.map(({ type }) => type);
  expect(types.filter((type) => type === 'write.intent')).toHaveLength(1);
  expect(types.filter((type) => type === 'write.outcome')).toHaveLength(1);
  return salvor.show(id);
}
