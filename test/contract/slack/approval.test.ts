import { expect, test } from 'vitest';
import { renderApproval } from '../../../src/notify/render-approval.ts';
import type { ChatMessage } from '../../../src/port/chat.ts';
import { renderText } from '../../../src/world/slack/page/render-text.ts';
import { incidentOn, openStage, type Stage } from './stage.ts';

const RUN = `run/${'a1'.repeat(20)}-1`;
const PLAN = '3f9a01c2'.padEnd(64, 'e');

function proposal(risk: 'reversible' | 'destructive'): Parameters<typeof renderApproval>[0] {
  return {
    data: {
      run: RUN,
      state: 'proposed',
      facts: {
        digest: PLAN,
        risk,
        asks: 'needs 1 of platform and 1 of incident-command, not the requester, within 15m',
        typed: risk === 'destructive',
        expiresMs: Date.UTC(2026, 10, 21, 12, 15),
        changed: [],
        steps: [
          {
            step: 'delete',
            action: 'node.delete',
            cluster: 'prod',
            summary: 'Delete the Node w1',
            risk,
            back: 'none: a Node that was deleted comes back only when its kubelet registers it anew',
            changes: 12,
            diff: ['delete Node/w1', ...Array.from({ length: 9 }, (_, index) => `evict Pod/shop/web-${index}`)],
            told: ['Writes since 02:00 are in no backup: 10h would be lost'],
          },
        ],
      },
    },
  };
}

async function shown(stage: Stage, risk: 'reversible' | 'destructive', decided?: Parameters<typeof renderApproval>[1]) {
  const { card, line } = incidentOn(stage, 'a');
  await card('card');
  const rendered: Partial<ChatMessage> = { kind: 'approval', key: 'incident/a/entry/9', ...renderApproval(proposal(risk), decided) };
  await line(rendered.title ?? '', rendered);
  await stage.clock.pass(5000);
  const message = stage.slack.messages().at(-1);
  if (message === undefined) throw new Error('nothing was posted');
  return { message, text: renderText(message, stage.slack.workspace), blocks: JSON.stringify(message.blocks) };
}

test('an approval shows what, the diff, what is lost, whether it can be taken back, who decides until when, and how without Slack', async () => {
  const { message, text, blocks } = await shown(await openStage(), 'destructive');
  expect(message.isBroadcast).toBe(true);
  expect(message.text.split('\n')[0]).toBe('Approve 3f9a01c2? Delete the Node w1');
  for (const part of [
    'delete on prod: Delete the Node w1',
    'delete Node/w1',
    'and 2 more',
    'Writes since 02:00 are in no backup: 10h would be lost',
    'Undo: none: a Node that was deleted',
    'needs 1 of platform and 1 of incident-command, not the requester',
    'a word has to be typed',
    '3f9a01c2',
    `salvor approve ${RUN.slice(4)} --plan 3f9a01c2`,
    '[Approve…] [Reject…] [Hold…] [Ask…] [Show plan]',
  ]) {
    expect(text).toContain(part);
  }
  expect(blocks).toContain('"style":"danger"');
  const value = `"value":"${RUN.slice(4)}:${PLAN}"`;
  expect(blocks.split(value)).toHaveLength(6);
});

test('only what cannot be taken back is red', async () => {
  const { blocks, text } = await shown(await openStage(), 'reversible');
  expect(blocks).not.toContain('danger');
  expect(text).toContain('[Approve] [Reject…]');
});

test('held, it says so first, by whom and why, and asks to be released; where somebody said yes, it can be taken back', async () => {
  const stage = await openStage();
  await shown(stage, 'destructive');
  const held = { by: 'ben', reason: 'the owner <!here> is on the way', atMs: stage.clock.nowMs() };
  const vote = { by: 'ana', surface: 'slack', atMs: stage.clock.nowMs() };
  const { text, message } = await shown(stage, 'destructive', { votes: [vote], held });
  expect(text).toMatch(/# Held: Delete the Node w1\n +Held by ben since .*: the owner .*is on the way\n +It does not start.*until somebody presses Release/);
  expect(text).toContain('[Approve…] [Reject…] [Release] [Withdraw my approval] [Ask…] [Show plan]');
  expect(text).not.toContain('Until');
  expect(message.text.split('\n')[0]).toMatch(/^Held by ben: the owner .* is on the way\. Approve 3f9a01c2\? Delete the Node w1$/);
  const free = await shown(stage, 'destructive', { votes: [vote] });
  expect(free.text).toContain('[Hold…] [Withdraw my approval]');
  expect(free.text).not.toContain('Held');
});

test('votes are stamped on it as they come; over, it says what came of it, and its buttons are gone; there is one message', async () => {
  const stage = await openStage();
  await shown(stage, 'destructive');
  const vote = { by: 'ana', surface: 'slack', atMs: stage.clock.nowMs() };
  const half = await shown(stage, 'destructive', { votes: [vote], missing: '1 of 2: ana; still needs 1 of incident-command' });
  expect(half.text).toContain('Approved by ana');
  expect(half.text).toContain('Missing 1 of 2: ana; still needs 1 of incident-command');
  expect(half.text).toContain('[Approve…]');
  const over = { how: 'approved', text: 'Approved by ana via slack, ben via console', atMs: stage.clock.nowMs() } as const;
  const done = await shown(stage, 'destructive', { votes: [vote, { ...vote, by: 'ben', surface: 'console' }], over });
  expect(done.text).toContain('# Approved: Delete the Node w1');
  expect(done.text).toContain('Approved by ana via slack, ben via console');
  expect(done.blocks).not.toContain('"actions"');
  expect(done.text).not.toContain('salvor approve');
  const late = await shown(stage, 'destructive', { votes: [vote, { ...vote, by: 'ben', surface: 'console' }], over });
  expect(late.text).toContain('# Approved: Delete the Node w1');
  expect(stage.slack.messages()).toHaveLength(2);
});
