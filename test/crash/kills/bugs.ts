import type { Mutant } from '../../simulation/mutants.ts';

/** Bugs to be planted into a real server before it is killed again and again: each is one that the judge of the kills sees. */
export const KILL_BUGS: readonly Mutant[] = [
  {
    id: 'early-reply',
    words: 'a webhook is answered 200 before it is stored, on a disk that takes its time',
    edits: [
      {
        file: 'src/http/webhook.ts',
        from: 'const stored = deps.accept(accepted).then(',
        to: 'setTimeout(() => void deps.accept(accepted), 100); const stored = Promise.resolve().then(',
      },
    ],
  },
];
