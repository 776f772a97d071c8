import { describe, expect, test } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import { type Permission, permissionText } from '../../src/domain/permission.ts';
import { neededBy } from '../../src/playbook/permissions.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

const { playbooks, catalog } = await loadSite(NOTHING_OWN);
const needed = neededBy(
  playbooks.filter(({ id }) => id === 'backup-failed'),
  catalog,
);
// Everybody may ask what they may do; the world lets them, too.
const given = needed.filter(({ permission }) => permission.resource !== 'selfsubjectaccessreviews');

/** Everything that is needed but this, as the world's rules. */
function without(missing: string): readonly { readonly verbs: string[]; readonly groups: string[]; readonly resources: string[] }[] {
  const kept = given.map(({ permission }) => permission).filter((permission) => permissionText(permission) !== missing);
  return kept.map(({ verb, group, resource }: Permission) => ({ verbs: [verb], groups: [group], resources: [resource] }));
}

async function answered(missing: string) {
  const scene = openScene({ world: failedNight('connection-reset', { rights: [...without(missing)] }) });
  await scene.pass('1m');
  await scene.alert(DAILY_FAILED);
  await scene.pass('3m');
  return scene;
}

test('with exactly what is needed a backup is made again and verified', async () => {
  const { approve, pass, run, writes } = await answered('nothing');
  await approve('ana');
  await pass('5m');
  expect((await run()).state).toBe('done');
  expect(writes()).toHaveLength(1);
});

describe('without the right to', () => {
  test.each(given.filter(({ watch }) => !watch).map(({ permission, by }) => [permissionText(permission), by] as const))(
    '%s nothing begins, and a person hears the name of the right, who needs it and what gives it',
    async (name, by) => {
      const { run, chat, pages, writes, world } = await answered(name);
      const { state, end = '' } = await run();
      expect(state).toBe('handed-over');
      // A diagnosis is not made without what it needs itself; what a step needs is asked when it is planned.
      const sentences = by.map((who) => `prod does not let us ${name}, which ${who} needs; salvor rbac | kubectl apply -f - gives the right`);
      expect(sentences).toContain(end);
      expect(chat().join('\n')).toContain(`prod does not let us ${name}`);
      expect(pages()).toHaveLength(1);
      expect(writes()).toEqual([]);
      expect([...world.cluster().snapshot().keys()].filter((object) => /^(DownloadRequest|ServerStatusRequest)\//.test(object))).toEqual([]);
    },
  );

  test.each(given.filter(({ watch }) => watch).map(({ permission }) => permissionText(permission)))(
    '%s it goes on, and says that it is blind',
    async (name) => {
      const { run, report } = await answered(name);
      expect((await run()).state).toBe('proposed');
      expect(await report('json')).toContain(`prod does not let us ${name}, which Salvor itself needs`);
    },
  );
});

test('a right that is taken away while people decide stops the plan before its first write', async () => {
  const { run, change, approve, pass, writes } = await answered('nothing');
  const proposed = await run();
  change({ rights: [...without('create backups.velero.io in velero')] });
  await approve('ana');
  await pass('1m');
  const { state, end, journal } = await run();
  expect([proposed.state, state]).toEqual(['proposed', 'handed-over']);
  expect(end).toBe('prod does not let us create backups.velero.io in velero, which backup.create needs; salvor rbac | kubectl apply -f - gives the right');
  expect(journal.map(({ type }) => type)).not.toContain('write.intent');
  expect(writes()).toEqual([]);
});
