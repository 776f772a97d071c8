import { describe, expect, test } from 'vitest';
import { find } from '../../../../src/slack/line/find.ts';
import { wordsOf } from '../../../../src/slack/line/words.ts';

const playbooks = [
  { id: 'backup-run', command: 'backup run', aliases: ['backup now'] },
  { id: 'backup-failed', command: 'backup retry', aliases: [] },
  { id: 'node-drain', command: 'node drain', aliases: [] },
  { id: 'node-out-of-service', command: 'node out-of-service', aliases: ['node off'] },
  { id: 'storm', command: undefined, aliases: [] },
];
const found = (line: string): ReturnType<typeof find> =>
  find(
    wordsOf(line, () => undefined),
    playbooks,
  );

describe('what a line asks for', () => {
  test('nothing at all is where things stand', () => {
    expect(found('')).toMatchObject({ kind: 'verb', verb: { name: 'status' } });
  });

  test('verbs are those of the command line, in any case', () => {
    expect(found('approve 3f9a01c2 d1d1d1d1')).toMatchObject({ kind: 'verb', verb: { name: 'approve' }, rest: [{ text: '3f9a01c2' }, { text: 'd1d1d1d1' }] });
    expect(found('Pause storage')).toMatchObject({ kind: 'verb', verb: { name: 'pause' } });
  });

  test.each([
    ['sev', 'severity'],
    ['role', 'role'],
    ['update', 'update'],
    ['Resolve', 'close'],
    ['report', 'report'],
  ])('`incident %s` is what is said about an incident', (word, verb) => {
    expect(found(`incident ${word} 70ee629d`)).toMatchObject({ kind: 'verb', verb: { name: verb }, rest: [{ text: '70ee629d' }] });
    expect(found('incident 70ee629d')).toMatchObject({ kind: 'verb', verb: { name: 'incident' } });
  });

  test('playbooks come by their own command, an alias, or their id', () => {
    expect(found('backup run daily')).toMatchObject({ kind: 'playbook', id: 'backup-run', rest: [{ text: 'daily' }] });
    expect(found('node off w1')).toMatchObject({ kind: 'playbook', id: 'node-out-of-service', rest: [{ text: 'w1' }] });
    expect(found('run storm x=1')).toMatchObject({ kind: 'playbook', id: 'storm', rest: [{ text: 'x=1' }] });
  });

  test.each([
    ['aprove 3f9a01c2', 'approve'],
    ['node drian w1', 'node drain'],
    ['run backup-fialed', 'run backup-failed'],
    ['backup', 'backup run'],
    // The first letter is a Cyrillic one.
    ['аpprove 3f9a01c2 d1d1d1d1', 'approve'],
    ['app\u200brove 3f9a01c2 d1d1d1d1', 'approve'],
  ])('"%s" is nothing, and what is near is named, never taken', (line, near) => {
    expect(found(line)).toMatchObject({ kind: 'nothing', nearest: near });
  });

  test('what is near to nothing is just unknown', () => {
    expect(found('abracadabra')).toEqual({ kind: 'nothing', said: 'abracadabra', nearest: undefined });
  });
});
