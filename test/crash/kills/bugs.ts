import type { Mutant } from '../../simulation/mutants.ts';

/** Bugs to be planted into a real server before it is killed again and again: each is one that the judge of the kills has to see. */
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
  {
    id: 'blind-repeat',
    words: 'what an earlier attempt wrote is not looked for, and written again',
    edits: [
      { file: 'src/run/writer.ts', from: 'const ours = repeated ? await findOurs(guarding, manifest) : undefined;', to: 'const ours = undefined;' },
      {
        file: 'src/run/writer.ts',
        from: "return { outcome: 'created', answer: await access.create(marked) };",
        // The answer is long on its way: the longer, the more kills come between the write and its record.
        to: "const made = await access.create(repeated ? { ...marked, metadata: { ...marked.metadata, name: name + '-again' } } : marked); await new Promise((resolve) => setTimeout(resolve, 400)); return { outcome: 'created', answer: made };",
      },
    ],
  },
];
