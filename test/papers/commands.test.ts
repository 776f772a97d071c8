import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../src/config.ts';
import { problemText } from '../../src/model/problem.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const PAPERS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'AGENTS.md', 'src/cli/program.ts', 'src/demo/demo.ts'];
const run = promisify(execFile);

/** Every `salvor COMMAND …` that the papers tell a reader to type. */
function salvorCommands(text: string): readonly string[] {
  const named = [...text.matchAll(/(?:npx salvor|`salvor) ([a-z][a-z-]*(?: [^`\n|]*)?)/g)].map(([, command = '']) => command.trim());
  return named.map((command) => command.replace(/ {2,}.*$/, ''));
}

const commands = [...new Set(PAPERS.flatMap((paper) => salvorCommands(read(paper))))];

describe('what the papers tell to type', () => {
  test('is found', () => {
    expect(commands).toContain('serve --config salvor.yaml');
    expect(commands.length).toBeGreaterThan(8);
  });

  test.each(commands)('salvor %s: the command and its options exist', async (command) => {
    const [name = '', second = ''] = command.split(' ');
    const parts = ['audit', 'store'].includes(name) ? [name, second] : [name];
    const { stdout } = await run(process.execPath, ['bin/salvor.js', ...parts, '--help'], { cwd: root });
    expect(stdout).toContain(`salvor ${parts.join(' ')}`);
    for (const [option] of command.matchAll(/--[a-z][a-z-]*/g)) expect(stdout).toContain(option);
  });

  test('npm scripts and files that it names exist', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const texts = PAPERS.filter((paper) => paper.endsWith('.md')).map(read);
    const named = texts.flatMap((text) => [...text.matchAll(/npm run ([a-z:0-9-]+)/g)].map(([, script = '']) => script));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
    const files = texts.flatMap((text) => [...text.matchAll(/(?:node|bash) ((?:scripts|\.ci)\/[\w./-]+)/g)].map(([, file = '']) => file));
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('the configuration in the README is right as it stands', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    const parsed = parseConfig(yaml.replace(/^ {3}/gm, ''), { file: 'README.md', environment: { HOME: '/home/ana' } });
    expect(parsed.ok ? parsed.warnings.map(problemText) : parsed.problems.map(problemText)).toEqual([]);
  });
});
