import { type Argument, Command } from 'commander';
import { addDecideCommands } from './commands-decide.ts';
import { addLocalCommands } from './commands-local.ts';
import { addLookCommands } from './commands-look.ts';
import { addOperateCommands } from './commands-operate.ts';
import type { Frame } from './frame.ts';

/** Every command of `salvor`. What a command does is loaded when it is called. */
export function createProgram(frame: Frame): Command {
  const { io } = frame.context;
  const program = new Command('salvor')
    .description('Answers alerts about Kubernetes disaster recovery: diagnose, plan, approve, execute, verify, report.')
    .usage('COMMAND [options]')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show the help of a command')
    .option('--no-color', 'no colours (NO_COLOR says so too)')
    .option('-V, --version', 'print the version')
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' ') })
    .configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) })
    .exitOverride()
    .showHelpAfterError('Every command has --help with an example.')
    .addHelpText('after', HELP);
  addLocalCommands(program, frame);
  addLookCommands(program, frame);
  addDecideCommands(program, frame);
  addOperateCommands(program, frame);
  return program;
}

/** `<run>`, `[playbook...]`. */
function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const HELP = `
Where the server is: --url, else SALVOR_URL, else http://127.0.0.1:8080. Who you are: SALVOR_TOKEN.
Answers 0 done, 1 the answer is no, 2 wrong use or configuration, 3 server or cluster not reached.

Begin with:
  salvor demo                          one incident from alert to report, in a simulated world
  salvor check --config salvor.yaml    whether a configuration is right
  salvor runs                          what goes on`;
