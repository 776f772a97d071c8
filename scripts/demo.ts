// `npm run demo`: as `salvor demo`, but where nobody sits at a terminal it approves by itself, and says so.
const given = process.argv.slice(2);
const unattended = process.stdin.isTTY !== true && !given.includes('--yes');
if (unattended) process.stdout.write('There is no terminal to ask at, so the demo approves by itself (--yes).\n');
process.argv.splice(2, given.length, 'demo', ...given, ...(unattended ? ['--yes'] : []));
await import('../src/main.ts');
