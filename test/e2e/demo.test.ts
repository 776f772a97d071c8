import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { demo } from '../../src/demo/demo.ts';
import { type DemoStage, openDemoStage } from '../../src/demo/stage.ts';

test('the demo waits for a yes at the keyboard, answers any other line, and ends with a report', async () => {
  const out: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const typed = new Map([
    ['Approve as ana?', 'no\n'],
    ['Not approved yet', 'yes\n'],
  ]);
  const stdout = (text: string): void => {
    out.push(text);
    for (const [asked, line] of typed) {
      if (!text.includes(asked)) continue;
      typed.delete(asked);
      stdin.write(line);
    }
  };
  expect(await demo({ yes: false }, { stdout, stderr: stdout, stdin })).toBe(0);
  const told = out.join('');
  expect(told).toMatch(/Not approved yet: type y[\s\S]*Approved \w{8} by ana[\s\S]*create is done[\s\S]*Verified: 214 items[\s\S]*report\.html/);
});

test('a demo that is stopped leaves nothing behind', async () => {
  const stopping = new AbortController();
  const stages: DemoStage[] = [];
  const there: boolean[] = [];
  const out: string[] = [];
  const stdout = (text: string): void => {
    out.push(text);
    if (!text.includes('Approve as ana?')) return;
    there.push(existsSync(stages[0]?.folder ?? ''));
    stopping.abort();
  };
  const code = await demo(
    {
      yes: false,
      stop: () => stopping.signal,
      async openStage(port, io) {
        const stage = await openDemoStage(port, io);
        stages.push(stage);
        return stage;
      },
    },
    { stdout, stderr: stdout, stdin: Object.assign(new PassThrough(), { isTTY: true }) },
  );
  expect([code, out.at(-1)]).toEqual([1, '\nStopped: nothing of it is left\n']);
  expect([...there, existsSync(stages[0]?.folder ?? '')]).toEqual([true, false]);
});

test('the story of a node waits for a yes at the keyboard, says what time it is in it, and ends with a report', async () => {
  const out: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const typed = new Map([
    ['Approve as ana?', 'yes please\n'],
    ['Not approved yet', 'Y\n'],
  ]);
  const stdout = (text: string): void => {
    out.push(text);
    for (const [asked, line] of typed) {
      if (!text.includes(asked)) continue;
      typed.delete(asked);
      stdin.write(line);
    }
  };
  expect(await demo({ yes: false, playbook: 'node-not-ready' }, { stdout, stderr: stdout, stdin })).toBe(0);
  const told = out.join('');
  const story = [
    /12:00:00 {2}Alertmanager says that KubeNodeNotReady fires for node w1/,
    /12:01:00 {2}cordon is done/,
    /evict Pod\/shop\/web-1[\s\S]*Approve as ana\?[\s\S]*Not approved yet: type y/,
    /12:02:\d\d {2}Approved \w{8} by ana/,
    /waits for budget shop\/web/,
    /1h pass[\s\S]*In the cluster: node w1 \(ready: true\)/,
    /13:13:\d\d {2}Verified: w1 takes pods again/,
    /report\.html/,
  ];
  let from = 0;
  for (const part of story) {
    const at = told.slice(from).search(part);
    expect(at, `${part} behind ${told.slice(0, from).slice(-200)}`).toBeGreaterThanOrEqual(0);
    from += at;
  }
});

test('a playbook that there is not is named with the nearest one', async () => {
  const err: string[] = [];
  const say = (text: string): void => void err.push(text);
  expect(await demo({ yes: true, playbook: 'node-not-redy' }, { stdout: say, stderr: say })).toBe(2);
  expect(err.join('')).toContain('Did you mean node-not-ready?');
});
