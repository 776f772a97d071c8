import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machinePaths, namedPaths } from './papers/rules.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const papers = globSync(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'AGENTS.md', 'CHANGELOG.md', 'docs/**/*.md'], { cwd: root }).sort();
const written = globSync(['*', '.ci/*', '{src,handlers,playbooks,deploy,docs,test,bench,scripts,bin}/**/*'], { cwd: root }).filter((path) =>
  statSync(join(root, path)).isFile(),
);

function isThere(path: string): boolean {
  return path.includes('*') ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path));
}

describe('the papers', () => {
  test('name only paths that exist', () => {
    const named = papers.flatMap((paper) => namedPaths(paper, read(paper)).map((path) => ({ paper, ...path })));
    expect(named.filter(({ options }) => !options.some(isThere)).map(({ paper, line, named: path }) => `${paper}:${line}: ${path} does not exist`)).toEqual([]);
    // With a README there are papers, and papers without a single path were not read rightly.
    if (existsSync(join(root, 'README.md'))) expect(named.length).toBeGreaterThan(0);
  });

  test('and the sources name no folder of one machine', () => {
    expect(written.length).toBeGreaterThan(10);
    expect(written.flatMap((path) => machinePaths(read(path)).map((line) => `${path}:${line}`))).toEqual([]);
  });

  test('the lock file names no host to fetch from', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
    expect(read('package-lock.json')).toContain('"integrity"');
  });
});

describe('the rules', () => {
  const optionsOf = (text: string, paper = 'docs/a.md'): readonly (readonly string[])[] => namedPaths(paper, text).map(({ options }) => options);

  test('take the target of a link from where the paper lies', () => {
    expect(optionsOf('[adr](adr/0001-x.md#why) and [up](../README.md "title")')).toEqual([['docs/adr/0001-x.md'], ['README.md']]);
    expect(optionsOf('[web](https://example.com/a/b.md) [mail](mailto:a@example.com) [here](#part)')).toEqual([]);
  });

  test('take words in backticks that begin with a folder of the checkout', () => {
    expect(optionsOf('`src/app.ts:12`, `./deploy/chart` and `playbooks/*.yaml`')).toEqual([['src/app.ts'], ['deploy/chart'], ['playbooks/*.yaml']]);
    expect(optionsOf('`gate/window.ts` `CONTRIBUTING.md`')).toEqual([
      ['src/gate/window.ts', 'gate/window.ts'],
      ['CONTRIBUTING.md', 'docs/CONTRIBUTING.md'],
    ]);
  });

  test('leave words that are no paths of the checkout', () => {
    expect(optionsOf('`src`, `Node/spec.unschedulable`, `handlers/<id>.ts`, `npm run check`, `/livez`, `text/html`, `dist/src/main.js`')).toEqual([]);
    expect(optionsOf('```\n`src/gone.ts`\n```\n`src/seen.ts`')).toEqual([['src/seen.ts']]);
  });

  test('find folders of one machine, but not words that look alike', () => {
    const [work, home] = ['work', 'root'].map((name) => `/${name}/`);
    expect(machinePaths(`a\nsee ${work}main\n\`${home}x\`\nhttps://example.com${work}x and src${home}y`)).toEqual([2, 3]);
  });
});
