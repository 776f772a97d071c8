import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { readSettings, reloader } from '../../src/serve/reload.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

/** A site's own playbook, in a folder that its owner edits. */
const OWN = `summary: Our own answer to a failed backup.
match: ['alertname = "OurBackupFailed"']
params: { schedule: { type: schedule, from: alert.labels.schedule } }
target: { from: params.schedule }
diagnose: [{ id: look, action: backup.diagnose, with: { schedule: { from: params.schedule } } }]
stages:
  - id: retry
    approval: { within: 1h }
    steps: [{ id: create, action: backup.create, with: { schedule: { from: params.schedule }, backup: { from: diagnosis.look.backup } }, undo: never }]
    onReject: stop
`;
const OTHER = `summary: Something else, which is right.
command: something else
params: { thing: { type: text } }
target: { from: params.thing }
`;
const OURS = { ...DAILY_FAILED, alertname: 'OurBackupFailed' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reload-'));
  await mkdir(join(folder, 'playbooks'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const writePlaybook = (id: string, text: string): Promise<void> => write(`playbooks/${id}.yaml`, text);
const CONFIG = `${SITE_TEXT}playbooks: { folders: [./playbooks] }\n`;

/** Salvor on a configuration and playbooks that are files; `look` is what the server does every two seconds. */
async function siteOfFiles() {
  await write('salvor.yaml', CONFIG);
  await writePlaybook('own-answer', OWN);
  const file = join(folder, 'salvor.yaml');
  const read = await readSettings(file);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.app().reload(read.settings);
  const said: string[] = [];
  const hear = (name: string, facts: object = {}): void => void said.push(`${name} ${Object.values(facts).join(' ')}`);
  const log = { debug: hear, info: hear, warn: hear, error: hear };
  const clusters = { ...scene.world.clusters, use: async () => {}, close: async () => {} };
  const look = reloader({ file, app: scene.app(), clusters, log });
  await look();
  const summaryOf = (id: string): Promise<string> =>
    scene.as('ana', async (commands, ana) => {
      const { items } = await commands.playbooks(ana);
      return items.find((one) => one.id === id)?.summary ?? 'not there';
    });
  return { ...scene, look, said: () => said.splice(0), summaryOf };
}

test('a playbook that is edited while a run waits is for the next run: the open one keeps the text that it began with', async () => {
  const { alert, resolved, pass, look, said, summaryOf, run, runs, approve, writes, incidents } = await siteOfFiles();
  await alert(OURS);
  await pass('1m');
  const before = await run();
  expect(before).toMatchObject({ state: 'proposed', approval: { asks: expect.stringContaining('within 1h') } });

  await look();
  expect(said()).toEqual([]); // nothing changed, nothing is read again
  await writePlaybook('own-answer', OWN.replace('Our own answer', 'Our new answer').replace('within: 1h', 'within: 2h'));
  await look();
  await pass('1m');
  expect(said()).toEqual([expect.stringMatching(/^reload\.done \d+ 1$/)]);
  expect(await summaryOf('own-answer')).toBe('Our new answer to a failed backup.');
  expect(await run()).toMatchObject({ state: 'proposed', digest: before.digest, playbookDigest: before.playbookDigest, generation: 1 });

  await approve('ana');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  expect(await incidents()).toHaveLength(1);

  // The next one, after its rest, goes by the new text.
  await resolved(OURS);
  await pass('20m');
  await alert(OURS);
  await pass('1m');
  const next = await run();
  expect(next.id).not.toBe(before.id);
  expect(next.playbookDigest).not.toBe(before.playbookDigest);
  expect(await runs()).toHaveLength(2);
});

test('a broken playbook is refused with the whole set, and what runs goes on', async () => {
  const { alert, pass, look, said, summaryOf, run, approve, writes } = await siteOfFiles();
  await alert(OURS);
  await pass('1m');

  // One is right, and one has a slip: neither is taken.
  await writePlaybook('other', OTHER);
  await writePlaybook('own-answer', OWN.replace('stages:', 'stagse:'));
  await look();
  expect(said()).toEqual([expect.stringMatching(/^reload\.refused .*own-answer\.yaml:6:1: stagse: unknown field\. Did you mean stages\?/)]);
  expect(await summaryOf('other')).toBe('not there');
  expect(await summaryOf('own-answer')).toBe('Our own answer to a failed backup.');
  await look();
  expect(said()).toEqual([]); // it is not said again and again

  await approve('ana');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);

  await writePlaybook('own-answer', OWN);
  await look();
  expect(said()).toEqual([expect.stringMatching(/^reload\.done/)]);
  expect(await summaryOf('other')).toBe('Something else, which is right.');
});

test('a playbook whose file is gone answers no new alert, and its open run is finished', async () => {
  const { alert, pass, look, summaryOf, run, runs, approve, writes, incidents, kill } = await siteOfFiles();
  await alert(OURS);
  await pass('1m');
  await rm(join(folder, 'playbooks', 'own-answer.yaml'));
  await look();
  expect(await summaryOf('own-answer')).toBe('not there');
  kill();

  await approve('ana');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  await alert({ ...OURS, schedule: 'weekly' });
  await pass('1m');
  expect(await runs()).toHaveLength(1);
  expect(await incidents()).toContainEqual(expect.objectContaining({ playbook: undefined, title: 'OurBackupFailed on prod' }));
});

test('a broken configuration is refused whole, with the place and the nearest name', async () => {
  const { alert, pass, look, said, approve, run } = await siteOfFiles();
  await alert(OURS);
  await pass('1m');
  await write('salvor.yaml', CONFIG.replace('people:', 'peopel:').replaceAll('teams: [platform]', 'teams: []'));
  await look();
  expect(said()).toContainEqual(expect.stringMatching(/^reload\.refused .*salvor\.yaml:4:1: peopel: unknown setting\. Did you mean people\?/));
  expect(await approve('ana')).toMatchObject({ changed: true });
  expect(await run()).toMatchObject({ state: 'executing' });
});
