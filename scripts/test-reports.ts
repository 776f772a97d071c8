// What vitest's JSON reports say, for CI: each suite has a folder of its own, with `again/` in it where the files that failed ran once more.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

const Assertion = z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() });
const File = z.object({ name: z.string(), status: z.string(), message: z.string().optional(), assertionResults: z.array(Assertion) });
const Report = z.object({ testResults: z.array(File) });

export type TestFile = z.infer<typeof File>;

/** The test files of one run, by their path in the project; none where nothing was reported. */
export function filesOf(folder: string): ReadonlyMap<string, TestFile> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const files = names.flatMap((name) => Report.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))).testResults);
  return new Map(files.map((file) => [relative(process.cwd(), file.name), file]));
}

/** What failed in a file, in short; a file that could not be loaded has no test that did. */
export function failuresOf(path: string, { status, message, assertionResults }: TestFile): readonly string[] {
  const broken = assertionResults.filter((one) => one.status === 'failed');
  if (status === 'failed' && broken.length === 0) return [`${path}\n    ${inShort(message)}`];
  return broken.map(({ fullName, failureMessages }) => `${path}: ${fullName}\n    ${inShort(failureMessages?.[0])}`);
}

/** Short enough that the closing lines of a long run still hold all of them. */
function inShort(text = ''): string {
  return text.split('\n').slice(0, 8).join('\n    ').slice(0, 800);
}
