import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { Caller } from '../port/commands.ts';
import type { Verb } from '../port/verb.ts';
import type { PlaybookSummary, PlaybookView } from '../port/view/playbook.ts';
import { short } from '../port/view/run-words.ts';
import { DEEDS } from './deed.ts';
import { type Desk, type Subject, type Visit, whoDecides, whoHas } from './desk.ts';
import { inTime, SIGN_MS } from './in-time.ts';
import { fill, type Given, SET } from './line/fill.ts';
import { find, HELP, RUN_LINE, SLACK_VERBS } from './line/find.ts';
import { type Word, wordsOf } from './line/words.ts';
import { exampleLine, helpText, placedOf, playbookExample, playbookHelp, requiredOf, verbHelp } from './reply/help.ts';
import { dryRunText, startedText } from './reply/run.ts';
import { code, mrkdwn } from './text.ts';

/** `/dr …`: a line that somebody typed. The answer is for them alone; what starts or changes something is told by the timeline's own messages. */

const LONGEST_LINE = 4000;
const LONGEST_VALUE = 2000;
const LONGEST_ANSWER = 3800;

const Body = z.looseObject({
  text: z.string().default(''),
  user_id: z.string(),
  team_id: z.string(),
  channel_id: z.string(),
  channel_name: z.string().default(''),
  trigger_id: z.string(),
  response_url: z.string().optional(),
});
type Body = z.infer<typeof Body>;

/** Takes one line in. Resolves when all is said; `ack` is called once, in time, with the answer where it is there by then. */
export async function takeLine(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: (text: string) => Promise<void> }): Promise<void> {
  const read = Body.safeParse(body);
  if (!read.success) {
    desk.log.warn('slack.line-unreadable', {});
    return ack('Not done: Slack sent what Salvor cannot read; the command line works.');
  }
  const { data: line } = read;
  const work = answer(desk, line);
  const first = await inTime(work, { clock: desk.clock, withinMs: SIGN_MS });
  if (first.done) return ack(fitting(first.value));
  await ack(`At work: ${code(`/dr ${line.text}`, 300)}\nThe cluster or the store takes its time; the answer comes here.`);
  await desk.tell({ user: line.user_id, channel: line.channel_id, responseUrl: line.response_url }, fitting(await work));
}

/** Never rejects: every fault is words. */
async function answer(desk: Desk, line: Body): Promise<string> {
  const { policy, commands } = desk;
  const nameOf = (id: string): string | undefined => policy().people.find(({ slack }) => slack === id)?.name;
  const visit: Visit = {
    user: { id: line.user_id, teamId: line.team_id },
    place: { id: line.channel_id, name: line.channel_name },
    reads: true,
    about: undefined,
    who: whoHas(desk, 'read'),
    tried: { not: 'Not done' },
  };
  if (line.text.length > LONGEST_LINE) return `Not done: a line has at most ${LONGEST_LINE} characters`;
  try {
    // Whoever is a member may be told that a word does not exist; what they may do is asked again with the verb.
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return visitor.text;
    const { items: playbooks } = await commands.playbooks(visitor.caller);
    const words = wordsOf(line.text, nameOf);
    const found = find(words, playbooks);
    desk.log.info('slack.line', { user: line.user_id, verb: found.kind === 'verb' ? found.verb.name : found.kind === 'playbook' ? found.id : 'unknown' });
    if (found.kind === 'nothing') return unknownText(found);
    if (found.kind === 'playbook') return await startPlaybook(desk, { ...found, line, visit, reader: visitor.caller });
    if (found.verb === HELP) return await help(desk, { caller: visitor.caller, rest: found.rest, playbooks });
    return await doVerb(desk, { verb: found.verb, rest: found.rest, line, visit });
  } catch (error) {
    return desk.refuse(error, visit);
  }
}

function unknownText({ said, nearest }: { readonly said: string; readonly nearest: string | undefined }): string {
  const meant = nearest === undefined ? '' : ` Did you mean ${code(`/dr ${nearest}`, 120)}?`;
  return `Not done: there is no ${code(said, 120)}.${meant}\nNothing was started. Everything there is: ${code('/dr help', 20)}`;
}

async function doVerb(
  desk: Desk,
  { verb, rest, line, visit }: { readonly verb: Verb; readonly rest: readonly Word[]; readonly line: Body; readonly visit: Visit },
): Promise<string> {
  const deed = DEEDS[verb.name];
  if (deed === undefined) return unknownText({ said: verb.name, nearest: undefined });
  const filled = fill(verb, rest);
  if (!filled.ok)
    return `${deed.not}: ${mrkdwn(filled.problem, 600)}\nFor example: ${verb.examples
      .slice(0, 2)
      .map((example) => code(exampleLine(verb, example), 200))
      .join(' or ')}${verb.name === 'approve' ? `. Look at it first: ${code('/dr show RUN', 40)}` : ''}`;
  assertShort(filled.given);
  const { values } = filled.given;
  const [run, incident] = [values.get('run'), values.get('incident')];
  const decides = (verb.name === 'approve' || verb.name === 'reject') && run !== undefined;
  const about: Subject = deed.reads ? undefined : run !== undefined ? { run } : incident === undefined ? undefined : { incident };
  const tried = { not: deed.not, line: commandLine(verb, values), ...(run === undefined ? {} : { look: `/dr show ${short(run)}` }) };
  const mine: Visit = { ...visit, reads: deed.reads, about, tried, who: decides ? whoDecides(desk, run) : whoHas(desk, rightOf(verb.name)) };
  try {
    const visitor = await desk.admit(mine);
    if (!visitor.ok) return visitor.text;
    return await deed.act(values, { caller: visitor.caller, commands: desk.commands, nowMs: desk.clock.nowMs(), key: line.trigger_id });
  } catch (error) {
    return desk.refuse(error, mine);
  }
}

type Starting = { readonly id: string; readonly rest: readonly Word[]; readonly line: Body; readonly visit: Visit; readonly reader: Caller };

async function startPlaybook(desk: Desk, { id, rest, line, visit, reader }: Starting): Promise<string> {
  const not = 'Not started';
  const asked: Visit = { ...visit, reads: false, tried: { not, line: `salvor run ${id} …` }, who: whoHas(desk, 'run') };
  try {
    const { commands } = desk;
    const playbook = await commands.playbook(reader, id);
    const filled = fill(RUN_LINE, rest, { names: playbook.params, required: placedOf(playbook) });
    const example = code(playbookExample(playbook.command ?? `run ${id}`, playbook), 200);
    if (!filled.ok) return `${not}: ${mrkdwn(filled.problem, 600)}\nFor example: ${example}. What it takes: ${code(`/dr help ${playbook.command ?? id}`, 100)}`;
    assertShort(filled.given);
    const { values, params } = filled.given;
    const missing = requiredOf(playbook.parameters).filter((name) => !params.has(name) && !(name === 'cluster' && values.has('cluster')));
    if (missing.length > 0)
      return `${not}: ${missing.map((name) => code(name, 40)).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing\nFor example: ${example}`;
    const isDry = values.get('dry-run') === SET;
    const visitor = await desk.admit(asked);
    if (!visitor.ok) return visitor.text;
    const request = {
      playbook: id,
      params: paramsOf(params),
      reason: values.get('reason') ?? 'started in Slack',
      ...(values.has('cluster') ? { cluster: values.get('cluster') ?? '' } : {}),
    };
    if (isDry) return dryRunText(await commands.dryRun(visitor.caller, request));
    return startedText(await commands.startRun(visitor.caller, { ...request, idempotencyKey: line.trigger_id }));
  } catch (error) {
    return desk.refuse(error, asked);
  }
}

/** Values stay text: Commands read them by the types of the parameters. */
function paramsOf(params: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(params);
}

type Helping = { readonly caller: Caller; readonly rest: readonly Word[]; readonly playbooks: readonly PlaybookSummary[] };

async function help(desk: Desk, { caller, rest, playbooks }: Helping): Promise<string> {
  if (rest.length === 0) return helpText(SLACK_VERBS, playbooks);
  const found = find(rest, playbooks);
  if (found.kind === 'nothing') return unknownText(found);
  if (found.kind === 'verb') return verbHelp(found.verb);
  const view: PlaybookView = await desk.commands.playbook(caller, found.id);
  return playbookHelp(view);
}

function rightOf(verb: string): 'run' | 'pause' | 'supersede' {
  return verb === 'pause' || verb === 'resume' ? 'pause' : verb === 'supersede' ? 'supersede' : 'run';
}

/** The same on the command line, for when Slack or the store is away. */
function commandLine({ name, args, options }: Verb, values: ReadonlyMap<string, string>): string {
  const placed = args.flatMap((part) => values.get(part.name) ?? []);
  const named = options.flatMap((part) => {
    const value = values.get(part.name);
    return value === undefined ? [] : part.value === undefined ? [`--${part.name}`] : [`--${part.name}`, value];
  });
  return ['salvor', name, ...[...placed, ...named].map((word) => (/[\s"'$`\\]/.test(word) ? JSON.stringify(word) : word))].join(' ');
}

function assertShort({ values, params }: Given): void {
  for (const [name, value] of [...values, ...params])
    if (value.length > LONGEST_VALUE) throw new SalvorError('request.invalid', `${name} is longer than ${LONGEST_VALUE} characters`);
}

/** Slack shows some 4,000 characters of a message well; whole lines are kept. */
function fitting(text: string): string {
  if (text.length <= LONGEST_ANSWER) return text;
  const kept = text.slice(0, LONGEST_ANSWER);
  const end = kept.lastIndexOf('\n');
  const shown = end > 0 ? kept.slice(0, end) : kept;
  // A block of code that is cut is closed again.
  const open = shown.split('```').length % 2 === 0 ? '\n```' : '';
  return `${shown}${open}\n… more is on the console, and by the command line.`;
}
