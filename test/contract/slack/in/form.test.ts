import { describe, expect, test } from 'vitest';
import type { StartRequest } from '../../../../src/port/commands.ts';
import type { Reader } from '../../../../src/port/kube.ts';
import { BOT } from '../../world/slack/stage.ts';
import { openStage } from './stage.ts';

const NODES: Pick<Reader, 'list'> = {
  list: async ({ kind }) => (kind === 'Node' ? ['w1', 'w2'].map((name) => ({ apiVersion: 'v1', kind, metadata: { name } })) : []),
};

async function openWithNodes(mode: 'socket' | 'http') {
  const requests: StartRequest[] = [];
  const stage = await openStage({
    mode,
    deps: { reader: () => NODES },
    commands: () => ({
      startRun: async (_caller, request) => {
        requests.push(request);
        return { run: '3f9a01c2abcdabcd-1', runs: ['3f9a01c2abcdabcd-1'], joined: false, text: 'Started node-isolate: 3f9a01c2abcdabcd-1' };
      },
    }),
  });
  return { ...stage, requests };
}

describe.each(['socket', 'http'] as const)('a form over real Bolt in %s mode', (mode) => {
  test('asks for what is missing, with choices while somebody types, and starts what was chosen once', async () => {
    const { slack, told, requests } = await openWithNodes(mode);
    const ana = slack.user('ana');
    expect(await ana.type('/dr node isolate')).toMatchObject({ acknowledged: true });
    await slack.until('the form', () => ana.modal());
    expect(await ana.press({ in: 'modal', action: 'choose:_cluster', value: 'staging' })).toMatchObject({ acknowledged: true });
    await slack.until('it is asked again', () => ana.modal()?.blocks.some(({ block_id: block }) => block === 'node~1'));
    const { options, afterMs } = await ana.suggest({ action: 'choose:node', typed: 'w' });
    expect(options?.map(({ value, description }) => `${value}: ${description?.text}`)).toEqual(['w1: not ready', 'w2: not ready']);
    expect(afterMs).toBeLessThan(3000);
    expect(await ana.submit({ 'choose:node': 'w2', 'choose:_cluster': 'staging', grace: '60', _reason: 'kernel update' })).toMatchObject({
      acknowledged: true,
    });
    await slack.until('ana is told', () => told('ana').at(-1)?.startsWith('Started node-isolate'));
    await ana.redeliver();
    expect(requests[0]).toMatchObject({ playbook: 'node-isolate', params: { node: 'w2', grace: '60' }, reason: 'kernel update', cluster: 'staging' });
    expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  test('a typo of a word that looks is done by its button', async () => {
    const { slack, told } = await openWithNodes(mode);
    const ana = slack.user('ana');
    await ana.type('/dr locsk');
    expect(await ana.press({ text: 'Did you mean', action: '/dr locks' })).toMatchObject({ acknowledged: true });
    await slack.until('the answer', () => told('ana').includes('Nothing is locked.'));
  });
});

test('a button that somebody made says nothing that changes anything', async () => {
  const stage = await openWithNodes('socket');
  const { slack, told } = stage;
  const { run } = await stage.propose();
  await slack.call({
    method: 'chat.postMessage',
    contentType: 'application/json',
    authorization: `Bearer ${BOT}`,
    query: new URLSearchParams(),
    body: JSON.stringify({
      channel: 'C0DR',
      text: 'a button',
      blocks: [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'again:x', value: `approve ${run.id.slice(4, 12)} d1d1d1d1`, text: { type: 'plain_text', text: 'Look' } }],
        },
      ],
    }),
  });
  await slack.user('ana').press({ text: 'a button', action: 'Look' });
  expect(await slack.until('the answer', () => told('ana').at(-1))).toMatch(/^Not done: a button repeats only what looks/);
  expect((await stage.run(run.id)).approvals).toEqual([]);
});
