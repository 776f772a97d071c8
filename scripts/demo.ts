// `npm run demo`: as `salvor demo`, but where nobody sits at a terminal it approves by itself, and says so. `-- --real`: on a real cluster.
const given = process.argv.slice(2);
const unattended = process.stdin.isTTY !== true && !given.includes('--yes');
if (unattended) process.stdout.write('There is no terminal to ask at, so the demo approves by itself (--yes).\n');
const asked = [...given, ...(unattended ? ['--yes'] : [])];
if (asked.includes('--real')) {
  const { realDemo } = await import('./real-demo.ts');
  process.exit(await realDemo(asked));
}
process.argv.splice(2, given.length, 'demo', ...asked);
await import('../src/main.ts');
