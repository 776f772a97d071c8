import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METHODS } from '../../../../../src/slack/rights.ts';
import { virtualClock } from '../../../../../src/world/clock.ts';
import { seededIds } from '../../../../../src/world/ids.ts';
import { simulatedSlack } from '../../../../../src/world/slack/slack.ts';
import { CASES } from './cases.ts';
import { ours, theirs } from './subject.ts';
import { ALONE, differences } from './table.ts';

describe.each(CASES)('$method: $when', ({ run, setting = {}, ours: expected, theirs: other = expected }) => {
  test('the simulated Slack', async () => {
    expect(await run(await ours(setting))).toEqual(expected);
  });

  test('the independent one', async () => {
    expect(await run(await theirs(setting))).toEqual(other);
  });
});

test('every method of the simulated Slack is compared, or says why not', () => {
  const compared = new Set(CASES.map(({ method }) => method));
  const { methods } = simulatedSlack({ clock: virtualClock(), ids: seededIds('methods') });
  expect(methods.filter((method) => !compared.has(method) && ALONE[method] === undefined)).toEqual([]);
});

test('every method that Salvor calls is compared', () => {
  const compared = new Set(CASES.map(({ method }) => method));
  expect(Object.keys(METHODS).filter((method) => !compared.has(method))).toEqual([]);
});

test('docs/fidelity.md has every difference', () => {
  const written = /<!-- slack -->\n([\s\S]*)\n<!-- \/slack -->/.exec(readFileSync('docs/fidelity.md', 'utf8'))?.[1];
  expect(written).toBe(differences(CASES));
  expect(CASES.filter(({ theirs, why }) => theirs !== undefined && why === undefined)).toEqual([]);
});
