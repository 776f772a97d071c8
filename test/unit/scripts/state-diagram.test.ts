import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stateDiagram, withDiagram } from '../../../scripts/state-diagram.ts';
import { OPEN_STATES } from '../../../src/model/run.ts';

const page = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');

test('the diagram in the architecture page is what the transition table does today', () => {
  expect(withDiagram(page)).toBe(page);
});

test('every open state is reached and left', () => {
  const diagram = stateDiagram();
  for (const state of OPEN_STATES) {
    expect(diagram, state).toContain(`--> ${state}`);
    expect(diagram, state).toContain(`${state} --> `);
  }
});
