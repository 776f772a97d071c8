import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { proofs } from '../../scripts/prove/proofs.ts';
import { MUTANTS } from '../simulation/mutants.ts';
import { namedPaths } from './rules.ts';

const PAPER = 'docs/promises.md';
const text = readFileSync(new URL(`../../${PAPER}`, import.meta.url), 'utf8');
const rows = text.split('\n').flatMap((line) => (/^\| \d+ \|/.test(line) ? [line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''))] : []));

test('each of the 26 promises names what shows it, and the proofs and planted bugs that it names exist', () => {
  expect(rows.map(([n]) => Number(n))).toEqual(Array.from({ length: 26 }, (_, at) => at + 1));
  const names = proofs().map(({ name }) => name);
  const bugs = MUTANTS.map(({ id }) => id);
  for (const [n, , shown = ''] of rows) {
    // That the files exist is asked of every paper.
    expect(namedPaths(PAPER, shown).length, n).toBeGreaterThan(0);
    const named = /`prove`: ([^;`]*)/.exec(shown)?.[1] ?? '';
    for (const name of named.split(', ').flatMap((one) => one.replace(/ \(.*$/, '').trim() || []))
      expect(
        names.some((known) => known.startsWith(name)),
        `${n}: ${name}`,
      ).toBe(true);
    for (const [, bug = ''] of shown.matchAll(/planted bugs \(`([^`]+)`\)/g)) expect(bugs, n).toContain(bug);
  }
});
