// `node --import 'no-sync.ts' …`: the store no longer waits for the disk. A bug that cuts of the current have to show.
import { plant } from '../../simulation/mutants.ts';

export const NO_SYNC = {
  id: 'no-sync',
  words: 'the store does not wait for the disk',
  edits: [{ file: 'src/store/embedded/database.ts', from: 'PRAGMA synchronous = FULL', to: 'PRAGMA synchronous = OFF' }],
} as const;

plant(NO_SYNC.id, [NO_SYNC]);
