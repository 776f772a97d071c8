// `node --import 'planted.ts?bug=ID' …`: plants one of the bugs before the program loads anything.
import { plant } from '../../simulation/mutants.ts';
import { KILL_BUGS } from './bugs.ts';

plant(new URL(import.meta.url).searchParams.get('bug') ?? '', KILL_BUGS);
