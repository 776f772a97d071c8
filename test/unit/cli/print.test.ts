import { expect, test } from 'vitest';
import { type Io, printLine, printProblems, printTable, wantsColour } from '../../../src/cli/print.ts';

function recorder(colour: boolean): { readonly io: Io; readonly text: () => string } {
  const out: string[] = [];
  return { io: { stdout: (text) => void out.push(text), stderr: () => {}, colour }, text: () => out.join('') };
}

test('colours are for terminals, and for nobody who said no', () => {
  expect(wantsColour({ environment: {}, isTerminal: true })).toBe(true);
  expect(wantsColour({ environment: {}, isTerminal: false })).toBe(false);
  expect(wantsColour({ environment: { NO_COLOR: '1' }, isTerminal: true })).toBe(false);
  expect(wantsColour({ environment: { NO_COLOR: '' }, isTerminal: true })).toBe(true);
  expect(wantsColour({ environment: {}, isTerminal: true, noColor: true })).toBe(false);
});

test('a table has columns as wide as their longest cell', () => {
  const { io, text } = recorder(false);
  printTable(
    io,
    ['ID', 'SUMMARY'],
    [
      ['a-long-id', 'x\ny'],
      ['b', 'z'],
    ],
  );
  expect(text()).toBe('ID         SUMMARY\na-long-id  x y\nb          z\n');
});

test('text from outside cannot steer the terminal', () => {
  const { io, text } = recorder(true);
  printLine(io, 'pod \u001b]0;title\u0007 \u001b[2J\r done');
  printProblems(io, [{ file: 'a.yaml', line: 1, column: 1, field: 'x\u001b[2J', message: 'two\nlines' }]);
  expect(text()).toBe('pod �]0;title� �[2J� done\n\u001b[31ma.yaml:1:1: x�[2J: two lines\u001b[0m\n');
});
