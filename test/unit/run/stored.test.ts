import { expect, test } from 'vitest';
import { RUN_VERSION } from '../../../src/model/run.ts';
import { readRun } from '../../../src/run/stored.ts';
import { run } from './samples.ts';

test('a run is read as it was written', () => {
  expect(readRun({ id: 'run/a-1', version: RUN_VERSION, value: run() })).toEqual(run());
});

test('a run of a newer Salvor is refused with what to do, and so is something that is no run', () => {
  expect(() => readRun({ id: 'run/a-1', version: RUN_VERSION + 1, value: run() })).toThrow(/written by a newer Salvor .* run that version again/);
  expect(() => readRun({ id: 'run/a-1', version: 0, value: run() })).toThrow(/format 0, which this Salvor cannot read/);
  expect(() => readRun({ id: 'run/a-1', version: RUN_VERSION, value: 'text' })).toThrow(/holds no run/);
});
