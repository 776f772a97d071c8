import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Program } from './program.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Where one test plays: a folder of its own, and everything that has to be put away afterwards. */
export type Stage = {
  readonly folder: string;
  /** Writes a file of the folder and answers its path; readable for its owner only. */
  readonly write: (name: string, text: string) => string;
  readonly makeFolder: (name: string) => string;
  /** Put away at the end of the test, the last first. */
  readonly onClose: (close: () => unknown) => void;
  /** Shows the log of a program where the test fails, and stops the program at its end. */
  readonly watch: (program: Program) => void;
};

const SHOWN_CHARACTERS = 12_000;

export function openStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-e2e-'));
  const closers: (() => unknown)[] = [];
  const programs: Program[] = [];
  onTestFinished(async ({ task }) => {
    const failed = task.result?.state === 'fail';
    for (const close of closers.toReversed()) await close();
    if (failed) for (const program of programs) show(program);
    else rmSync(folder, { recursive: true, force: true });
  });
  const show = (program: Program): void => {
    const log = program.log();
    const file = join(folder, `${program.name}-${program.pid}.log`);
    writeFileSync(file, log);
    console.error(`--- ${program.name} (whole log: ${file})\n${log.slice(-SHOWN_CHARACTERS)}`);
  };
  return {
    folder,
    write(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    },
    makeFolder(name) {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    onClose: (close) => void closers.push(close),
    watch(program) {
      programs.push(program);
      closers.push(() => program.stop());
    },
  };
}
