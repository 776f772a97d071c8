import { spawn } from 'node:child_process';

/** A program's output when it succeeds; its complaint as an error when it does not. */
export function run(
  program: string,
  args: readonly string[],
  { env, input = '' }: { readonly env: Readonly<Record<string, string | undefined>>; readonly input?: string },
): Promise<string> {
  const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // A program that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ${args.join(' ')} failed: ${said.trim() || out.trim()}`));
    });
  });
}
