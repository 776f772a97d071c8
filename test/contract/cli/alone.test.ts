import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { freshFolder, SITE } from './folder.ts';
import { firstLine, say } from './terminal.ts';

/** Commands that work without a server. */
const { at, put } = freshFolder();

describe('salvor rehearse', () => {
  const own = (id: string, expected: string): string => {
    mkdirSync(join(at(), 'own'), { recursive: true });
    writeFileSync(
      join(at(), 'own', `${id}.yaml`),
      `summary: Ask somebody
target: { from: run.cluster }
command: ask me
stages: [{ id: ask, ask: { text: Go on?, role: owner, within: 90m, answer: { type: yes-no, goOn: [true] } } }]
rehearsal:
  - world: {}
    script: [{ run: {}, by: ana }, { after: 1s }, { answer: true, by: ana }]
    expect: { run: ${expected} }
`,
    );
    return put('salvor.yaml', `${SITE}playbooks: { folders: [./own] }\n`);
  };

  test('says ok first, then one line each', async () => {
    const { out, code } = await say(['rehearse', 'ask-me', '--config', own('ask-me', 'done')]);
    expect(out).toBe('ok: 1 rehearsal went as the playbook says\nok      ask-me  rehearsal 1 (0 writes)\n');
    expect(code).toBe(0);
  });

  test('a rehearsal that goes otherwise is a no, with what was expected and found', async () => {
    const config = own('ask-me', 'failed');
    const { out, code } = await say(['rehearse', 'ask-me', '--config', config]);
    expect(out).toMatch(/^FAILED: 1 of 1 rehearsal\nFAILED {2}ask-me {2}rehearsal 1 \(0 writes\)\n {8}run: expected "failed", found "done"/);
    expect(code).toBe(1);
    const told = await say(['rehearse', 'ask-me', '--config', config, '--json']);
    expect(JSON.parse(told.out)).toMatchObject({ ok: false, rehearsals: [{ playbook: 'ask-me', ok: false }], without: [] });
    expect(told.code).toBe(1);
  });

  test('an unknown playbook is wrong use, with the nearest right name', async () => {
    expect(await say(['rehearse', 'askme', '--config', own('ask-me', 'done')])).toMatchObject({
      code: 2,
      err: 'There is no playbook askme. Did you mean ask-me?\n',
    });
  });
});

describe('salvor world', () => {
  test('prints one line when it is ready, answers kubectl there, and leaves nothing behind', async () => {
    const scenario = put('night.yaml', 'namespaces: [shop]\nnodes: [{ name: w1 }]\n');
    const stop = new AbortController();
    const heard: string[] = [];
    const ended = say(['world', '--scenario', scenario, '--json'], { stop: stop.signal, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.length).toBe(1);
    const { kubeconfig, url, slack } = JSON.parse(heard[0] ?? '') as { kubeconfig: string; url: string; slack: string };
    expect(heard[0]).toMatch(/^\{.*\}\n$/);
    const known = await (await fetch(`${slack}auth.test`, { method: 'POST', headers: { Authorization: 'Bearer xoxb-any' } })).json();
    expect(known).toMatchObject({ ok: true, user: 'salvor' });
    expect(readFileSync(kubeconfig, 'utf8')).toContain(`server: ${url}`);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    const nodes = (await (await fetch(`${url}/api/v1/nodes`)).json()) as { items: { metadata: { name: string } }[] };
    expect(nodes.items.map(({ metadata }) => metadata.name)).toEqual(['w1']);
    stop.abort();
    expect((await ended).code).toBe(0);
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('a scenario that is wrong is wrong use, with its field', async () => {
    expect(await say(['world', '--scenario', put('bad.yaml', 'nods: []\n')])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('bad.yaml') });
  });
});

describe('salvor store without a server', { timeout: 30_000 }, () => {
  let port: number;
  beforeEach(async () => {
    // Nobody listens where a server would.
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
  });
  const site = (path = './data'): string => put('salvor.yaml', `listen: { port: ${port} }\nstore: { kind: embedded, path: ${path} }\n${SITE}`);
  const open = (path: string) => openEmbedded({ path: join(at(), path), clock: systemClock, log: silentLog });

  test('check and backup open the file of the configuration themselves', async () => {
    const config = site();
    await (await open('data')).close();
    expect(await say(['store', 'check', '--config', config])).toMatchObject({ code: 0, out: 'ok: the store is sound\n' });
    const copy = join(at(), 'copy.db');
    const { out, code } = await say(['store', 'backup', copy, '--config', config]);
    expect(out).toMatch(new RegExp(`^Backed up: ${copy}, [\\d.]+ KiB\n$`));
    expect(code).toBe(0);
    expect(statSync(copy).size).toBeGreaterThan(0);
  });

  test('a store that another program has is left alone: 3, and how to reach who has it', async () => {
    const config = site();
    const held = await open('data');
    expect(await say(['store', 'check', '--config', config])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('name its address with --url') });
    await held.close();
  });

  test('no store is made where none is, and a server that was named is never guessed away', async () => {
    const config = site();
    expect(await say(['store', 'check', '--config', config])).toMatchObject({ code: 2, err: expect.stringContaining('There is no store in') });
    expect(existsSync(join(at(), 'data'))).toBe(false);
    await (await open('data')).close();
    expect((await say(['store', 'check', '--config', config, '--url', `http://127.0.0.1:${port}`])).code).toBe(3);
  });

  test('move copies everything to another folder, checks the copy, and leaves the old store', async () => {
    const config = site();
    const store = await open('data');
    await store.accept({ sender: 'a', clusters: ['prod'], receivedMs: 1, alerts: 1, body: '{}' });
    await store.close();
    const to = join(at(), 'elsewhere');
    const { out, code } = await say(['store', 'move', '--to', to, '--config', config]);
    expect(out).toMatch(/^Moved: [\d.]+ KiB from \S+data to \S+elsewhere\nSet store.path to /);
    expect(code).toBe(0);
    for (const path of ['elsewhere', 'data']) {
      const opened = await open(path);
      expect(await opened.counts('inbox', ['ledger/accepted']), path).toEqual([1]);
      await opened.close();
    }
    expect(await say(['store', 'move', '--to', to, '--config', config])).toMatchObject({ code: 2, err: expect.stringContaining('already') });
  });

  test('move to a Redis that is away is refused, and touches nothing', async () => {
    const config = site();
    await (await open('data')).close();
    const redis = put('redis.yaml', `store: { kind: redis, url: redis://127.0.0.1:1 }\n${SITE}`);
    expect(await say(['store', 'move', '--to', redis, '--config', config])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Redis at 127\.0\.0\.1:1 gives no answer/),
    });
    expect(await say(['store', 'move', '--to', 'redis://127.0.0.1:1', '--config', config])).toMatchObject({
      code: 2,
      err: expect.stringContaining('name a configuration'),
    });
    await (await open('data')).close();
  });
});

describe('salvor check --live', { timeout: 30_000 }, () => {
  test('says what a cluster does not let us do', async () => {
    const scenario = put('rights.yaml', 'rights: [{ verbs: [get, list], resources: ["*"] }]\n');
    const stop = new AbortController();
    const heard: string[] = [];
    const world = say(['world', '--scenario', scenario, '--json'], { stop: stop.signal, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(1);
    const { kubeconfig } = JSON.parse(heard[0] ?? '') as { kubeconfig: string };
    const config = put('salvor.yaml', SITE.replace('./kubeconfig', kubeconfig));
    const { out, code } = await say(['check', '--config', config, '--live']);
    expect(out).toMatch(/^\S+ and \d+ playbooks: 1 problem\n/);
    expect(out).toMatch(/clusters\[0\]: prod lacks \d+ rights for us: create backups\.velero\.io in velero, .* and \d+ more; salvor rbac --service-account /);
    expect(out).not.toContain('let us get ');
    // It was answered, so it may ask.
    expect(out).not.toContain('selfsubjectaccessreviews');
    expect(code).toBe(1);
    stop.abort();
    await world;
  });

  test('says what Velero there has', async () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const scenario = put('storage.yaml', 'storage: { default: unavailable }\n');
    const world = say(['world', '--scenario', scenario, '--json'], { stop: stop.signal, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(1);
    const { kubeconfig } = JSON.parse(heard[0] ?? '') as { kubeconfig: string };
    const config = put('salvor.yaml', SITE.replace('./kubeconfig', kubeconfig));
    const { out, code } = await say(['check', '--config', config, '--live']);
    expect(out).toMatch(
      / 1 problem\n.*clusters\[0\]: the storage location default in velero is Unavailable: .*; velero backup-location get default -n velero\n$/,
    );
    expect(code).toBe(1);
    stop.abort();
    await world;
  });

  test('answers 3 where a cluster is away, and does not ask where nobody said so', async () => {
    const config = put('salvor.yaml', SITE);
    put(
      'kubeconfig',
      'apiVersion: v1\nkind: Config\nclusters: [{ name: a, cluster: { server: "http://127.0.0.1:9" } }]\nusers: [{ name: a, user: {} }]\ncontexts: [{ name: a, context: { cluster: a, user: a } }]\ncurrent-context: a\n',
    );
    expect(await say(['check', '--config', config])).toMatchObject({ code: 0, out: expect.stringMatching(/^ok: /) });
    expect(await say(['check', '--config', config, '--live'])).toMatchObject({ code: 3, err: expect.stringContaining('prod') });
  });
});

test('salvor playbook tells about one of them', async () => {
  expect(firstLine(await say(['playbook', 'backup-failed', '--config', put('salvor.yaml', SITE)]))).toMatch(/^backup-failed {2}/);
});
