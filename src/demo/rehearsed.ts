import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSite, NOTHING_OWN } from '../config.ts';
import { formatDuration } from '../model/duration.ts';
import { isList, isObject, type Json, type JsonObject, textIn } from '../model/json.ts';
import type { Script } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import type { RunView } from '../port/view/run.ts';
import { playRehearsal } from '../rehearse/play.ts';
import { askYes, type DemoIo, sayPlan } from './asking.ts';

type Options = { readonly yes: boolean; readonly stop?: AbortSignal };

/**
 * Plays another playbook's first rehearsal as a story: what happens in the world, what Salvor makes of it, and what a person decides at this keyboard.
 * Hours pass in a moment, since its clock is simulated; every line says what time it is there.
 */
export async function rehearsedDemo(id: string, { yes, stop = new AbortController().signal }: Options, io: DemoIo): Promise<number> {
  const site = await loadSite(NOTHING_OWN);
  const playbook = site.playbooks.find((one) => one.id === id);
  const [rehearsal] = playbook?.rehearsal ?? [];
  if (playbook === undefined || rehearsal === undefined) {
    const known = site.playbooks.map((one) => one.id);
    io.stderr(`There is no playbook "${id}" with a rehearsal.${suggestion(id, known)} Known: ${known.join(', ')}\n`);
    return 2;
  }
  const say = (text: string): void => io.stdout(`${text}\n`);
  say(`Salvor answers ${playbook.id}, in a simulated world: nothing real is touched, and hours pass in a moment.`);
  say(`The story: ${rehearsal.name ?? playbook.summary}.`);
  for (const line of worldLines(rehearsal.world)) say(line);
  const auto = rehearsal.policy?.['auto'];
  if (isList(auto)) say(`The operator lets these start by themselves: ${auto.map(String).join(', ')}. Everything else asks.`);

  let reportFile = '';
  let written: readonly string[] = [];
  const played = await playRehearsal(playbook, rehearsal, {
    ...site,
    watching: {
      async before(line, { nowMs, run }) {
        stop.throwIfAborted();
        const words = lineText(line);
        if (words !== undefined) say(`\n${clockText(nowMs)}  ${words}`);
        if ('press' in line && run !== undefined) await decide({ line, run, yes, stop }, io);
      },
      told: ({ atMs, text }) => say(`  ${clockText(atMs)}  ${text}`),
      async ended({ report, writes }) {
        written = writes;
        reportFile = join(await mkdtemp(join(tmpdir(), 'salvor-demo-')), 'report.html');
        await writeFile(reportFile, report);
      },
    },
  });
  stop.throwIfAborted();
  if (!played.ok) {
    io.stderr(`\nThe demo did not go as its playbook says: ${played.problems.join('; ')}\n`);
    return 1;
  }
  say(`\nDone, as the playbook says. Written to the cluster: ${written.join(', ') || 'nothing'}`);
  if (reportFile !== '') say(`The report, with the four clocks and a picture: ${reportFile}`);
  say('\nTry next:');
  say(`  npx salvor rehearse ${playbook.id}`);
  say(`  npx salvor playbook ${playbook.id}`);
  return 0;
}

type Deciding = { readonly line: Extract<Script, { press: string }>; readonly run: RunView; readonly yes: boolean; readonly stop: AbortSignal };

/** The approval of the story is given at this keyboard; whatever else a person of the story does, they do by themselves. */
async function decide({ line, run, yes, stop }: Deciding, { stdin, stdout }: DemoIo): Promise<void> {
  if (line.press !== 'approve') return;
  const say = (text: string): void => stdout(`${text}\n`);
  sayPlan(run, say);
  if (yes) return say(`--yes: ${line.by} approves`);
  say(`Approve as ${line.by}? Type y and Enter. The clock of the story stands still meanwhile.`);
  const stopped = Promise.withResolvers<never>();
  stop.addEventListener('abort', () => stopped.reject(stop.reason), { once: true });
  await Promise.race([askYes(stdin, { say, otherwise: 'Not approved yet: type y, or end the demo with Ctrl-C', signal: stop }), stopped.promise]);
}

/** `12:01:30`, by the clock of the story. */
const clockText = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** What a line of the script is in the story; undefined: it only looks. */
function lineText(line: Script): string | undefined {
  if ('alert' in line) {
    const { alertname = '', ...labels } = line.alert;
    const of = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
    return `Alertmanager says that ${alertname} ${line.status === 'resolved' ? 'resolved' : 'fires'}${of.length === 0 ? '' : ` for ${of.join(', ')}`}`;
  }
  if ('after' in line) return `… ${formatDuration(line.after)} pass …`;
  if ('world' in line) return `In the cluster: ${changesText(line.world)}`;
  if ('press' in line) return `${line.by} is asked, and ${PRESSES[line.press]}${line.reason === undefined ? '' : `: ${line.reason}`}`;
  if ('answer' in line) return `${line.by} answers: ${JSON.stringify(line.answer)}`;
  if ('run' in line) return `${line.by} starts it: ${JSON.stringify(line.run)}`;
  return 'kill' in line ? 'Salvor is killed where it stands, and started again' : undefined;
}

const PRESSES = { approve: 'decides', reject: 'rejects it', cancel: 'cancels it' } as const;

/** The world before it begins, one line for each kind of thing. */
function worldLines(world: JsonObject): readonly string[] {
  return Object.entries(world).flatMap(([kind, all]) => (isList(all) ? [`  ${kind}: ${all.map(thingText).join('; ')}`] : []));
}

function changesText(world: JsonObject): string {
  return Object.entries(world)
    .map(([kind, all]) => (isList(all) ? all.map((one) => `${kind.replace(/s$/, '')} ${thingText(one)}`).join('; ') : `${kind} ${JSON.stringify(all)}`))
    .join('; ');
}

/** `w1 (ready: false, kubelet: answers)` */
function thingText(thing: Json): string {
  if (!isObject(thing)) return textIn(thing);
  const { name, ...rest } = thing;
  const facts = Object.entries(rest).map(([field, value]) => `${field}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${typeof name === 'string' ? name : ''}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}
