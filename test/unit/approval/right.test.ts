import { expect, test } from 'vitest';
import { hasRight } from '../../../src/approval/right.ts';

const policy = {
  people: [
    { name: 'ana', teams: ['platform'] },
    { name: 'ben', teams: [] },
  ],
  rights: { read: 'everyone', run: ['platform'], pause: 'everyone', supersede: [], configure: ['platform-leads'] },
} as const;

test('a right belongs to the members of its teams', () => {
  expect(hasRight('ana', 'run', policy)).toBe(true);
  expect(hasRight('ben', 'run', policy)).toBe(false);
  expect(hasRight('ana', 'configure', policy)).toBe(false);
});

test('everyone may read, known or not; for all else everyone means those whom the configuration knows', () => {
  expect(hasRight(undefined, 'read', policy)).toBe(true);
  expect(hasRight('eve', 'read', policy)).toBe(true);
  expect(hasRight('ben', 'pause', policy)).toBe(true);
  expect(hasRight('eve', 'pause', policy)).toBe(false);
  expect(hasRight(undefined, 'pause', policy)).toBe(false);
});

test('a right without a team belongs to nobody', () => {
  expect(hasRight('ana', 'supersede', policy)).toBe(false);
});

test('where reading is for a team, a stranger may not read', () => {
  expect(hasRight('eve', 'read', { ...policy, rights: { ...policy.rights, read: ['platform'] } })).toBe(false);
});
