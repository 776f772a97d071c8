import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCatalog, makeCatalog, readCatalog } from '../../../src/action/catalog.ts';
import { problemText } from '../../../src/model/problem.ts';
import { actions } from '../playbook/actions.ts';

const root = join(import.meta.dirname, '../../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-handlers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A handler in JavaScript whose schema comes from the contract by its address, so that this test's own loader can read it. */
const contract = JSON.stringify(pathToFileURL(join(root, 'src/action/contract.ts')).href);
const look = (fields = ''): string =>
  `import { check, z } from ${contract};\nexport const look = check({ id: 'node.look', summary: 'Look', needs: ['get nodes'], params: z.strictObject({}), facts: z.strictObject({}), run: async () => ({ ok: true, facts: {}, evidence: [] }), ${fields} });\n`;

async function problems(files: { readonly [name: string]: string }): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (await readCatalog({ folders: [folder] })).problems.map(problemText);
}

describe('the catalog', () => {
  test('finds an action by its id, and the one that was meant', () => {
    expect(actions.get('node.cordon')?.summary).toContain('Stop new pods');
    expect(actions.get('node.cordn')).toBeUndefined();
    expect(actions.nearest('node.cordn')).toBe('node.cordon');
    expect(actions.nearest('something.else.entirely')).toBeUndefined();
    expect(makeCatalog([]).all()).toEqual([]);
  });

  test('lists actions by id', () => {
    const ids = actions.all().map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
  });

  test('reads every handler of a folder, and leaves other files alone', async () => {
    expect(await problems({ 'node-look.js': look(), 'notes.md': 'x', 'node-look.d.ts': 'export {};', '.hidden.js': 'throw 1' })).toEqual([]);
    const { catalog } = await readCatalog({ folders: [folder] });
    expect(catalog.all().map(({ id }) => id)).toEqual(['node.look']);
  });

  test.each([
    ['a file that exports nothing', { 'node-look.js': 'export const a = 1;' }, 'found 0 exported actions, expected one'],
    ['a file that cannot be loaded', { 'node-look.js': 'import "./gone.js";' }, 'the file cannot be loaded'],
    ['a file with two actions', { 'node-look.js': `${look()}export const other = { ...look, id: 'node.other' };` }, 'found 2 exported actions, expected one'],
    ['a file of another name', { 'node-see.js': look() }, 'found the action node.look, expected it in a file named node-look.ts'],
    ['a need that is no verb and resource', { 'node-look.js': look(`needs: ['nodes']`) }, 'needs.0: expected a verb and a resource, such as patch nodes'],
    ['a function that is missing', { 'node-look.js': look('run: undefined') }, 'run: expected a function'],
    ['parameters that are no schema', { 'node-look.js': look('params: {}') }, 'params: expected an object schema of zod'],
    [
      'a remediation without a way back',
      { 'node-look.js': look().replaceAll('check(', 'remediation(').replace('{ check', '{ remediation') },
      'rollback: expected a function, or { impossible: reason }',
    ],
  ])('refuses %s', async (_name, files, message) => {
    expect((await problems(files)).join('\n')).toContain(message);
  });

  test('refuses two actions of one id', async () => {
    expect(await problems({ 'node-look.js': look(), 'node-look.ts': look() })).toEqual([
      expect.stringMatching(/node-look\.ts:1:1: the action node\.look exists already, in .*node-look\.js/),
    ]);
    await expect(loadCatalog({ folders: [folder] })).rejects.toThrow('exists already');
  });

  test('refuses a folder that is not there', async () => {
    await expect(loadCatalog({ folders: [join(folder, 'gone')] })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  test('gives a handler anywhere on the disk salvor/action, in TypeScript too', () => {
    writeFileSync(
      join(folder, 'site-look.ts'),
      `import { check, z, type Verdict } from 'salvor/action';\nconst good: Verdict = { ok: true, evidence: [] };\nexport const look = check({ id: 'site.look', summary: 'Look', needs: [], params: z.strictObject({ node: z.string() }), facts: z.strictObject({}), run: async () => ({ ...good, ok: true, facts: {} }) });\n`,
    );
    const script = `const { loadCatalog } = await import(${JSON.stringify(pathToFileURL(join(root, 'src/action/catalog.ts')).href)});
      const catalog = await loadCatalog({ folders: [${JSON.stringify(folder)}] });
      process.stdout.write(catalog.all().map(({ id, params }) => id + ' ' + Object.keys(params.shape)).join());`;
    // Run from elsewhere, so that nothing but the catalog can know where the contract lies.
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' })).toBe('site.look node');
  });
});
