import { expect, test } from 'vitest';
import { fanOut } from '../../../src/pipeline.ts';
import { bodyAlert, sampleBody } from '../ingest/samples.ts';
import { intakeScene, nodeLabels } from './scene.ts';

const of = (cluster: string) => ({ sender: cluster, clusters: [cluster] });
const body = (cluster: string, node: string): string => sampleBody({ alerts: [bodyAlert({ ...nodeLabels(node), cluster })] });

test('one sender floods: the single alert of another is a run after the next claim, and each claim serves both', async () => {
  const { accept, store, intake, runs } = intakeScene({ clusters: [{ name: 'noisy' }, { name: 'quiet' }] });
  for (let at = 0; at < 1000; at += 1) await accept(body('noisy', `n${at}`), of('noisy'));
  for (let at = 0; at < 3; at += 1) await accept(body('quiet', `q${at}`), of('quiet'));
  const claim = async (limit: number): Promise<readonly string[]> => {
    const { claimed } = await store.claim({ kinds: ['inbox'], owner: 'me', limit, leaseMs: 6000, inTurnBy: 'sender' });
    await fanOut(intake, claimed);
    return (await runs()).map(({ cluster, target }) => `${cluster} ${target}`).toSorted();
  };
  expect(await claim(4)).toEqual(['noisy n0', 'noisy n1', 'quiet q0', 'quiet q1']);
  // Three nodes of a cluster are a storm, which has a run of its own.
  expect(await claim(2)).toEqual(['noisy n0', 'noisy n1', 'noisy n2', 'noisy noisy', 'quiet q0', 'quiet q1', 'quiet q2', 'quiet quiet']);
});
