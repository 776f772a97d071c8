import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { demo } from '../../src/demo/demo.ts';

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
