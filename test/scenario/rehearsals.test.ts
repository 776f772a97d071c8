import { describe, expect, test } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import { playRehearsal } from '../../src/rehearse/play.ts';

const site = await loadSite(NOTHING_OWN);

describe.each(site.playbooks.map((playbook) => ({ id: playbook.id, playbook })))('$id', ({ playbook }) => {
  test.each(playbook.rehearsal.map((rehearsal, at) => ({ name: rehearsal.name ?? `rehearsal ${at + 1}`, rehearsal })))('$name', async ({ rehearsal }) => {
    expect(await playRehearsal(playbook, rehearsal, site)).toMatchObject({ problems: [], ok: true });
  });
});

test('every shipped playbook is loaded and brings a rehearsal', () => {
  expect(site.problems).toEqual([]);
  expect(site.playbooks.length).toBeGreaterThan(0);
  for (const playbook of site.playbooks) expect(playbook.rehearsal.length, playbook.id).toBeGreaterThan(0);
});
