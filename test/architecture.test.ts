import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clockBreaches, handlerBreaches, importBreaches, importRings, shapeBreaches } from './architecture/rules.ts';
import { parseSource, readSources } from './architecture/sources.ts';
import { PACKAGES, ROOMS } from './architecture/table.ts';

const root = join(import.meta.dirname, '..');
const src = readSources(root, 'src');
const handlers = readSources(root, 'handlers');
const all = [...src, ...handlers];

describe('the tree', () => {
  test('is seen whole: every file on disk was read', () => {
    const onDisk = globSync(['src/**/*', 'handlers/**/*'], { cwd: root }).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
    expect(all.length).toBeGreaterThan(0);
    expect(all.map((source) => source.path).sort()).toEqual(onDisk.sort());
  });

  test('imports only along the table of rooms', () => {
    expect(importBreaches(all)).toEqual([]);
  });

  test('has no import ring, not even of types', () => {
    expect(importRings(all)).toEqual([]);
  });

  test('has short files with names that say something', () => {
    expect(shapeBreaches(all)).toEqual([]);
  });

  test('takes the time from one port', () => {
    expect(clockBreaches(all)).toEqual([]);
  });

  test('keeps each action alone in the file of its name', () => {
    expect(handlerBreaches(handlers)).toEqual([]);
  });
});

describe('the table', () => {
  test('names only rooms that it knows', () => {
    for (const room of ROOMS.values()) for (const other of room.may) expect(ROOMS.has(other), other).toBe(true);
    for (const { rooms } of PACKAGES.values()) if (rooms !== 'all') for (const room of rooms) expect(ROOMS.has(room), room).toBe(true);
  });

  test('keeps the adapters apart, and away from the engine', () => {
    const adapters = ['store', 'kube', 'slack', 'pagerduty', 'http', 'console', 'observe', 'world'];
    for (const adapter of adapters) expect([...(ROOMS.get(adapter)?.may ?? [])].sort(), adapter).toEqual(['domain', 'model', 'port']);
  });
});

describe('the rules', () => {
  const breachesOf = (files: Record<string, string>): readonly string[] => importBreaches(Object.entries(files).map(([path, text]) => parseSource(path, text)));

  test.each([
    ['a plain import', `import { b } from '../run/b.ts';`],
    ['a type import', `import type { B } from '../run/b.ts';`],
    ['a re-export', `export { b } from '../run/b.ts';`],
    ['a whole re-export', `export * from '../run/b.ts';`],
    ['a dynamic import', `export const b = () => import('../run/b.ts');`],
    ['a type written as an import', `export type B = import('../run/b.ts').B;`],
  ])('catch %s that climbs a level', (_name, text) => {
    expect(breachesOf({ 'src/gate/a.ts': `\n${text}`, 'src/run/b.ts': '' })).toEqual(['src/gate/a.ts:2: gate may not import run (src/run/b.ts)']);
  });

  test.each([
    ['an adapter in an adapter', 'src/slack/a.ts', `import '../store/b.ts';`, 'slack may not import store'],
    ['an adapter in a handler', 'handlers/a.ts', `import '../src/kube/b.ts';`, 'handlers may not import kube'],
    ['a handler in a handler', 'handlers/a.ts', `import './b.ts';`, 'another handler'],
    ['a handler in the engine', 'src/run/a.ts', `import '../../handlers/b.ts';`, 'only the catalog loads handlers'],
    ['a package outside its room', 'src/run/a.ts', `import '@kubernetes/client-node';`, 'may not import @kubernetes/client-node'],
    ['a path below a package', 'src/gate/a.ts', `import '@slack/bolt/dist/app.js';`, 'may not import @slack/bolt'],
    ['a package nobody listed', 'src/cli/a.ts', `import 'lodash';`, 'lodash is not in the table'],
    ['a package in a handler', 'handlers/a.ts', `import 'yaml';`, 'no package but zod'],
    ['the disk in a pure room', 'src/gate/a.ts', `import 'node:fs';`, 'reach outside by node:fs'],
    ['a room that nobody drew', 'src/stuff/a.ts', `import 'zod';`, 'stuff is not in the table'],
    ['a computed path', 'src/run/a.ts', 'export const a = (p: string) => import(p);', 'computed path'],
    ['a file that is not there', 'src/run/a.ts', `import './gone.ts';`, 'not a source file'],
    ['an import without its ending', 'src/run/a.ts', `import './b';`, 'not a source file'],
  ])('catch %s', (_name, path, text, sentence) => {
    const others = { 'src/store/b.ts': '', 'src/kube/b.ts': '', 'handlers/b.ts': '', 'src/run/b.ts': '' };
    expect(breachesOf({ ...others, [path]: text })).toEqual([expect.stringContaining(sentence)]);
  });

  test('let through what the table allows', () => {
    const files = {
      'src/model/m.ts': `import { z } from 'zod';`,
      'src/action/c.ts': `import '../model/m.ts'; export const load = (path: string) => import(path);`,
      'src/playbook/p.ts': `import '../action/c.ts'; import 'yaml'; import 'node:fs/promises';`,
      'src/kube/k.ts': `import '@kubernetes/client-node'; import 'node:https'; import '../model/m.ts';`,
      'src/app.ts': `import './kube/k.ts'; import './playbook/p.ts'; import '../package.json' with { type: 'json' };`,
      'src/cli/serve.ts': `import '../app.ts'; import 'commander';`,
      'handlers/h.ts': `import '../src/action/c.ts'; import 'zod';`,
    };
    expect(breachesOf(files)).toEqual([]);
  });

  test('find a ring of type imports, once', () => {
    const ring = {
      'src/run/a.ts': `import type { B } from './b.ts';`,
      'src/run/b.ts': `import './c.ts';`,
      'src/run/c.ts': `export type A = import('./a.ts').A;`,
    };
    expect(importRings(Object.entries(ring).map(([path, text]) => parseSource(path, text)))).toEqual([
      'src/run/a.ts -> src/run/b.ts -> src/run/c.ts -> src/run/a.ts',
    ]);
  });

  test('find long files and empty names', () => {
    const long = parseSource('src/run/long.ts', '\n'.repeat(401));
    expect(shapeBreaches([long, parseSource('src/app.ts', '\n'.repeat(401)), parseSource('src/run/just-fits.ts', '\n'.repeat(400))])).toEqual([
      'src/run/long.ts: 401 lines, more than 400',
    ]);
    const named = ['src/run/index.ts', 'src/utils/a.ts', 'src/run/lease-helpers.ts', 'src/run/leaseHolder.ts', 'src/run/lease-holder.ts'];
    expect(shapeBreaches(named.map((path) => parseSource(path, ''))).length).toBe(4);
  });

  test('find reads of the clock, but not dates made from a moment', () => {
    const source = parseSource('src/run/a.ts', 'export const a = new Date();\nexport const b = Date();\nexport const c = new Date(0);\n');
    expect(clockBreaches([source]).map((breach) => breach.split(': ')[0])).toEqual(['src/run/a.ts:1', 'src/run/a.ts:2']);
  });

  test('tie a handler to the name of its action', () => {
    const action = `export const nodeCordon = remediation({ id: 'node.cordon' });`;
    expect(handlerBreaches([parseSource('handlers/node-cordon.ts', action)])).toEqual([]);
    expect(handlerBreaches([parseSource('handlers/cordon.ts', action)])).toEqual([expect.stringContaining('handlers/node-cordon.ts')]);
    expect(handlerBreaches([parseSource('handlers/none.ts', 'export const a = 1;')])).toEqual([expect.stringContaining('exports 0 actions')]);
  });
});
