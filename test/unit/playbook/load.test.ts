import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/model/digest.ts';
import { problemText } from '../../../src/model/problem.ts';
import { fingerprint, type LoadedPlaybooks, type LoadOptions, loadPlaybooks } from '../../../src/playbook/load.ts';
import { playbookFromText } from '../../../src/playbook/revive.ts';
import { actions } from './actions.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/playbooks');
const nodeText = readFileSync(join(fixtures, 'node-not-ready.yaml'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-playbooks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function load(options: Partial<LoadOptions> = {}): Promise<LoadedPlaybooks> {
  return loadPlaybooks({ folders: [{ path: fixtures, shipped: true }], disable: [], settings: {}, catalog: actions, ...options });
}

const texts = ({ problems }: LoadedPlaybooks): readonly string[] => problems.map(problemText);
const own = (): LoadOptions['folders'] => [
  { path: fixtures, shipped: true },
  { path: folder, shipped: false },
];

const small = 'summary: small\ntarget: { from: run.cluster }\n';

describe('loadPlaybooks', () => {
  test('gives every playbook of the folders, by id', async () => {
    write('b-small.yaml', small);
    const loaded = await load({ folders: own() });
    expect(texts(loaded)).toEqual([]);
    expect(loaded.playbooks.map(({ id }) => id)).toEqual(['az-failure', 'b-small', 'node-not-ready']);
    expect(loaded.count).toBe(3);
  });

  test('gives none where one has a problem, and says every problem', async () => {
    write('b-small.yaml', `${small}escalat: x\n`);
    write('c-small.yaml', `${small}diagnose: [{ id: a, action: node.look }]\n`);
    const loaded = await load({ folders: own() });
    expect(loaded.ok).toBe(false);
    expect(loaded.playbooks).toEqual([]);
    expect(texts(loaded)).toEqual([
      `${folder}/b-small.yaml:3:1: escalat: unknown field. Did you mean escalate?`,
      expect.stringContaining('c-small.yaml:3:29: diagnose[0].action: there is no action node.look.'),
    ]);
  });

  test('lets only a site’s own playbooks name the site’s own ladders', async () => {
    write('b-small.yaml', `${small}escalate: nights\n`);
    const names = { ladders: ['default', 'nights'], roles: [], teams: [] };
    expect((await load({ folders: own(), names })).ok).toBe(true);
    expect(texts(await load({ folders: [{ path: folder, shipped: true }], names }))).toEqual([expect.stringContaining('escalate: there is no ladder nights')]);
  });

  test('refuses a folder that is not there, and a file whose name is no id', async () => {
    write('Big.yaml', small);
    expect(texts(await load({ folders: [{ path: folder, shipped: false }] }))).toEqual([
      expect.stringContaining('Big.yaml:1:1: the name of the file is the name of the playbook'),
    ]);
    expect(texts(await load({ folders: [{ path: join(folder, 'gone'), shipped: false }] }))).toEqual([
      expect.stringContaining('the folder of playbooks cannot be read'),
    ]);
  });

  test('leaves alone what a mounted volume keeps for itself', async () => {
    mkdirSync(join(folder, '..2026_11_21'));
    write('.hidden.yaml', 'not: a playbook');
    write('readme.md', 'no playbook either');
    expect((await load({ folders: own() })).count).toBe(2);
  });
});

describe('a name that is there twice', () => {
  test('is refused, with the way out', async () => {
    write('az-failure.yaml', small);
    expect(texts(await load({ folders: own() }))).toEqual([
      expect.stringMatching(/the playbook az-failure exists already, in .*: give this one another name, or disable the shipped one/),
    ]);
  });

  test('is the site’s own once the shipped one is disabled', async () => {
    write('az-failure.yaml', small);
    const { playbooks } = await load({ folders: own(), disable: ['az-failure'] });
    expect(playbooks.find(({ id }) => id === 'az-failure')?.summary).toBe('small');
  });
});

describe('disable', () => {
  test('keeps a playbook away, and a storm that would start it starts nothing', async () => {
    const loaded = await load({ disable: ['az-failure'] });
    expect(loaded.playbooks.map(({ id }) => id)).toEqual(['node-not-ready']);
    expect(loaded.playbooks[0]?.storm).toBeUndefined();
    expect(texts(loaded)).toEqual([expect.stringContaining('storm.start: warning: az-failure is disabled, so a storm starts nothing')]);
  });

  test('refuses a name that does not exist', async () => {
    expect(texts(await load({ disable: ['az-falure'] }))).toEqual([
      'configuration:1:1: playbooks.disable[0]: there is no playbook az-falure. Did you mean az-failure?',
    ]);
  });
});

describe('settings of a site', () => {
  test('change defaults and schedule and the digest, never the text', async () => {
    write('b-small.yaml', `${small}params: { keep: { type: number, default: 1 }, age: { type: duration, default: 7d } }\n`);
    const plain = (await load({ folders: own() })).playbooks.find(({ id }) => id === 'b-small');
    const loaded = await load({ folders: own(), settings: { 'b-small': { schedule: { cron: '0 3 1 * *', timeZone: 'Europe/Berlin' }, params: { keep: 3 } } } });
    expect(texts(loaded)).toEqual([]);
    const adapted = loaded.playbooks.find(({ id }) => id === 'b-small');
    expect(adapted?.params['keep']?.default).toBe(3);
    expect(adapted?.params['age']?.default).toBe('7d');
    expect(adapted?.schedule).toEqual({ cron: '0 3 1 * *', timeZone: 'Europe/Berlin', clusters: 'all' });
    expect(adapted?.text).toBe(plain?.text);
    expect(plain?.digest).toBe(sha256(plain?.text ?? ''));
    expect(adapted?.digest).not.toBe(plain?.digest);
    const digestWith = async (keep: number): Promise<string | undefined> =>
      (await load({ folders: own(), settings: { 'b-small': { params: { keep } } } })).playbooks.find(({ id }) => id === 'b-small')?.digest;
    expect(await digestWith(3)).toBe(await digestWith(3));
    expect(await digestWith(3)).not.toBe(await digestWith(4));
  });

  test('say once where Velero lives, for each playbook that works with it, and before that for one alone', async () => {
    const inNamespace = (name: string): string => `${small}params: { namespace: { type: namespace, default: ${name} } }\n`;
    for (const id of ['b-backup', 'b-restore']) write(`${id}.yaml`, inNamespace('velero'));
    write('b-shop.yaml', inNamespace('shop'));
    const loaded = await load({ folders: own(), veleroNamespace: 'backups', settings: { 'b-restore': { params: { namespace: 'restores' } } } });
    expect(texts(loaded)).toEqual([]);
    const namespaces = loaded.playbooks.map(({ id, params }) => [id, params['namespace']?.default]).filter(([, name]) => name !== undefined);
    expect(namespaces).toEqual([
      ['b-backup', 'backups'],
      ['b-restore', 'restores'],
      ['b-shop', 'shop'],
    ]);
    const [before] = (await load({ folders: own() })).playbooks.filter(({ id }) => id === 'b-shop');
    expect(loaded.playbooks.find(({ id }) => id === 'b-shop')?.digest, 'where nothing is changed').toBe(before?.digest);
  });

  test.each([
    ['a playbook that is not there', { 'node-not-redy': {} }, 'there is no playbook node-not-redy. Did you mean node-not-ready?'],
    ['a parameter that is not there', { 'node-not-ready': { params: { nod: 'w1' } } }, 'node-not-ready has no parameter nod. Did you mean node?'],
    ['a value of another type', { 'node-not-ready': { params: { node: 3 } } }, 'params.node: found 3, expected the name of a node'],
    ['a schedule without a time', { 'node-not-ready': { schedule: { timeZone: 'UTC' } } }, 'missing cron: node-not-ready has no schedule of its own'],
    ['a time that is none', { 'az-failure': { schedule: { cron: 'daily' } } }, 'schedule.cron: expected a cron expression'],
    ['a time zone that is none', { 'az-failure': { schedule: { cron: '0 3 * * *', timeZone: 'Moon' } } }, 'schedule.timeZone: expected a time zone'],
  ])('refuse %s', async (_name, settings, message) => {
    expect(texts(await load({ settings })).join('\n')).toContain(message);
  });
});

describe('playbooks together', () => {
  test.each([
    ['starts something that is not there', 'start: az-failure', 'start: az-falure', 'there is no playbook az-falure. Did you mean az-failure?'],
    ['starts something about a node', 'start: az-failure', 'start: node-not-ready', 'has the target params.node, expected a playbook about a cluster'],
    [
      'gives a parameter that is not there',
      'start: az-failure',
      'start: az-failure, with: { clustr: prod }',
      'az-failure has no parameter clustr. Did you mean cluster?',
    ],
    ['gives a value of another type', 'start: az-failure', 'start: az-failure, with: { cluster: 3 }', 'found 3, expected the name of a cluster'],
  ])('refuse a storm that %s', async (_name, from, to, message) => {
    write('node-storm.yaml', nodeText.replace('command: node isolate\n', '').replace(from, to));
    expect(texts(await load({ folders: own() })).join('\n')).toContain(message);
  });

  test('refuse a command that already means another playbook', async () => {
    write('b-small.yaml', `${small}aliases: [zone look]\n`);
    expect(texts(await load({ folders: own() }))).toEqual([expect.stringContaining('aliases[0]: the command zone look already starts az-failure')]);
  });
});

describe('fingerprint', () => {
  test('changes with a text, a name and a new file, and with nothing else', async () => {
    write('b-small.yaml', small);
    const first = await fingerprint([folder]);
    write('b-small.yaml', small);
    expect(await fingerprint([folder])).toBe(first);
    write('b-small.yaml', `${small}# more\n`);
    const second = await fingerprint([folder]);
    expect(second).not.toBe(first);
    write('c.yaml', small);
    expect(await fingerprint([folder])).not.toBe(second);
    expect(await fingerprint([join(folder, 'gone')])).not.toBe(first);
  });
});

describe('playbookFromText', () => {
  test('gives the same playbook for the same text, under the digest it was started with', () => {
    const first = playbookFromText('node-not-ready', nodeText, 'd1');
    expect(first.digest).toBe('d1');
    expect(first.text).toBe(nodeText);
    expect(playbookFromText('node-not-ready', nodeText, 'd1')).toBe(first);
    expect(playbookFromText('node-not-ready', nodeText, 'd2')).not.toBe(first);
  });

  test('says what this version cannot read any more', () => {
    expect(() => playbookFromText('old', `${small}gone: 1\n`, 'abcdef0123')).toThrow('old@abcdef01.yaml:3:1: gone: unknown field');
  });
});
