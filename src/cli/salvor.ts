import { CommanderError } from 'commander';
import { errorCode, errorText } from '../model/error.ts';
import { type Context, EXIT } from './context.ts';
import { printFault } from './print.ts';
import { createProgram } from './program.ts';

/** Carries out one command line, without the program's own name; gives the exit code. */
export async function salvor(words: readonly string[], context: Context): Promise<number> {
  const { io, environment } = context;
  try {
    if (words[0] === '--version' || words[0] === '-V') {
      const { VERSION } = await import('../serve/version.ts');
      io.stdout(`${VERSION}\n`);
      return EXIT.done;
    }
    let code: number = EXIT.done;
    const program = createProgram({
      context,
      end: (answer) => {
        code = answer;
      },
    });
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    // It has said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    printFault(io, `salvor: ${errorText(error)}`);
    if (environment['SALVOR_DEBUG'] !== undefined && error instanceof Error) io.stderr(`${error.stack ?? ''}\n`);
    return errorCode(error) === 'config.invalid' ? EXIT.wrongUse : EXIT.no;
  }
}
