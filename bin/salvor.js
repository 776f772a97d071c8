#!/usr/bin/env node
// The `salvor` command, in JavaScript so that any Node can at least read it.
// It finds a Node that is new enough, turns on the compile cache, and imports the program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundledNode = join(root, 'node_modules', 'node', 'bin', 'node');
const entry = [join(root, 'src', 'main.ts'), join(root, 'dist', 'src', 'main.js')].find((path) => existsSync(path));

const nodeIsNewEnough = Number.parseInt(process.versions.node, 10) >= OLDEST_NODE;
// Set on the second start, so that a wrong binary ends in a message and not in a chain of starts.
const restarted = process.env.SALVOR_LAUNCHED === '1';

if (entry === undefined) {
  refuse('salvor: neither src/main.ts nor dist/src/main.js is here; the installation is incomplete');
} else if (nodeIsNewEnough && isServer() && !process.execArgv.some((flag) => flag.startsWith('--max-semi-space-size'))) {
  // How much room young objects get, and that all threads share one heap of the C library (a tenth less memory), can be said only when Node starts. The
  // program takes the place of this one: the same process, the same streams.
  const env = { MALLOC_ARENA_MAX: '1', ...process.env };
  process.execve(process.execPath, [process.execPath, '--max-semi-space-size=8', ...process.execArgv, ...process.argv.slice(1)], env);
} else if (nodeIsNewEnough) {
  delete process.env.SALVOR_LAUNCHED;
  module.enableCompileCache();
  await import(pathToFileURL(entry).href);
} else if (!restarted && existsSync(bundledNode)) {
  restart();
} else {
  refuse(`salvor: needs Node ${OLDEST_NODE} or newer, this is ${process.version}; install it, or run \`npm ci\` in a checkout, which brings it`);
}

/** `salvor serve`, where this system can replace one program by another. */
function isServer() {
  return process.argv.slice(2).find((word) => !word.startsWith('-')) === 'serve' && process.platform !== 'win32' && typeof process.execve === 'function';
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

function restart() {
  const child = spawn(bundledNode, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, SALVOR_LAUNCHED: '1' },
  });
  // A terminal's Ctrl-C reaches both already; the child decides when to end, so each signal is only passed on.
  const passed = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
  const fromTerminal = new Set(process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : []);
  for (const signal of passed) process.on(signal, () => fromTerminal.has(signal) || child.kill(signal));
  child.on('error', (error) => refuse(`salvor: could not start ${bundledNode}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}
