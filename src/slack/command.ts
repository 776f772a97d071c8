import type { Caller } from '../port/commands.ts';
import { inTime } from '../port/in-time.ts';
import type { Verb } from '../port/verb.ts';
import type { PlaybookSummary } from '../port/view/playbook.ts';
import { short } from '../port/view/run-words.ts';
import { actions, section } from './blocks/parts.ts';
import { assertShort, Line } from './body.ts';
import { DEEDS } from './deed.ts';
import { type Desk, type Subject, type Visit, whoDecides, whoHas, whoHolds } from './desk.ts';
import { askedForAll, statusForAll } from './for-all.ts';
import { fill } from './line/fill.ts';
import { type Found, find, HELP, SLACK_VERBS, STATUS } from './line/find.ts';
import { incidentIn, withIncident } from './line/implied.ts';
import { isRead, mayDo, rightOf } from './line/may.ts';
import { type Word, wordsOf } from './line/words.ts';
import { again, menu } from './menu.ts';
import { exampleLine, groupHelp, helpText, playbookHelp, verbHelp } from './reply/help.ts';
import { rightWords } from './reply/refusal.ts';
import type { Said } from './reply/said.ts';
import { SIGN_MS } from './sign-ms.ts';
import { startPlaybook } from './start.ts';
import { code, mrkdwn } from './text.ts';

/** `/dr …`: a line that somebody typed. The answer is for them alone; what starts or changes something is told by the timeline's own messages. */

const LONGEST_LINE = 4000;
const LONGEST_ANSWER = 3800;

/** Takes one line in. Resolves when all is said; `ack` is called once, in time, with the answer where it is there by then, and empty where a form says it. */
export async function takeLine(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: (answer?: Said) => Promise<void> }): Promise<void> {
  const read = Line.safeParse(body);
  if (!read.success) {
    desk.log.warn('slack.line-unreadable', {});
    return ack({ text: 'Not done: Slack sent what Salvor cannot read; the command line works.' });
  }
  const { data: line } = read;
  const work = answerLine(desk, line);
  const first = await inTime(work, { clock: desk.clock, withinMs: SIGN_MS });
  if (first.done) return ack(first.value);
  await ack({ text: `At work: ${code(`/dr ${line.text}`, 300)}\nThe cluster or the store takes its time; the answer comes here.` });
  const answer = await work;
  if (answer !== undefined) await desk.tell({ user: line.user_id, channel: line.channel_id, responseUrl: line.response_url }, answer);
}

export type LinePlace = {
  /** The incident that is implied where the line was said: its thread, or its own channel. */
  readonly incident?: string | undefined;
  /** It came by a button: what starts or changes something is typed. */
  readonly readsOnly?: true;
  /** Names the line where no trigger does: a repeat of it does nothing. */
  readonly key?: string;
};

/** What a line is answered; undefined: a form is open, and says it. Never rejects: every fault is words. */
export async function answerLine(desk: Desk, line: Line, place: LinePlace = {}): Promise<Said | undefined> {
  const answer = await answerOf(desk, line, place);
  return answer === undefined ? undefined : { ...answer, text: fitting(answer.text) };
}

async function answerOf(desk: Desk, line: Line, place: LinePlace): Promise<Said | undefined> {
  const { policy, commands } = desk;
  const key = place.key ?? line.trigger_id;
  const nameOf = (id: string): string | undefined => policy().people.find(({ slack }) => slack === id)?.name;
  const visit: Visit = {
    user: { id: line.user_id, teamId: line.team_id },
    place: { id: line.channel_id, name: line.channel_name },
    reads: true,
    about: undefined,
    who: whoHas(desk, 'read'),
    tried: { not: 'Not done' },
  };
  if (line.text.length > LONGEST_LINE) return { text: `Not done: a line has at most ${LONGEST_LINE} characters` };
  try {
    // Whoever is a member may be told that a word does not exist; what they may do is asked again with the verb.
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { text: visitor.text };
    const { caller } = visitor;
    const { items: playbooks } = await commands.playbooks(caller);
    const words = wordsOf(line.text, nameOf);
    const found = find(words, playbooks);
    desk.log.info('slack.line', { user: line.user_id, verb: found.kind === 'verb' ? found.verb.name : found.kind === 'playbook' ? found.id : 'unknown' });
    if (found.kind === 'nothing') return unknownSaid(found, line.text);
    if (place.readsOnly === true && !isRead(found))
      return { text: 'Not done: a button repeats only what looks\nType the line: what starts or changes something is never done by a guess.' };
    if (found.kind === 'playbook') return await startPlaybook(desk, { ...found, line, visit, reader: caller, key });
    if (found.verb === HELP) return await help(desk, { caller, rest: found.rest, playbooks });
    const incident = place.incident ?? (await incidentIn(desk, caller, line.channel_id));
    const rest = incident === undefined ? found.rest : withIncident(found.verb, found.rest, incident);
    if (found.verb === STATUS && rest.length === 0) return await menu(desk, caller);
    const forAll = found.verb === STATUS ? askedForAll(rest) : undefined;
    if (forAll !== undefined) {
      if (place.readsOnly === true)
        return { text: 'Not posted: a button shows what it finds to you alone\nType the line: what everybody sees is never posted by a guess.' };
      return await statusForAll(desk, { values: forAll, visit, key });
    }
    return { text: await doVerb(desk, { verb: found.verb, rest, visit, key }) };
  } catch (error) {
    return { text: await desk.refuse(error, visit) };
  }
}

/** A word that is none: what was probably meant is a button where it only looks, and words where it does anything. */
function unknownSaid({ said, nearest, meant }: Extract<Found, { kind: 'nothing' }>, typed: string): Said {
  const text = unknownText({ said, nearest });
  if (meant === undefined || nearest === undefined || !isRead(meant)) return { text };
  const rest = typed.trim().split(/\s+/).slice(said.split(' ').length);
  return { text, blocks: [section(text), actions([again([nearest, ...rest].join(' '))])] };
}

function unknownText({ said, nearest }: { readonly said: string; readonly nearest: string | undefined }): string {
  const meant = nearest === undefined ? '' : ` Did you mean ${code(`/dr ${nearest}`, 120)}?`;
  return `Not done: there is no ${code(said, 120)}.${meant}\nNothing was started. Everything there is: ${code('/dr help', 20)}`;
}

async function doVerb(
  desk: Desk,
  { verb, rest, visit, key }: { readonly verb: Verb; readonly rest: readonly Word[]; readonly visit: Visit; readonly key: string },
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
  const about: Subject = deed.reads ? undefined : run !== undefined ? { run } : incident === undefined ? undefined : { incident };
  const tried = { not: deed.not, line: commandLine(verb, values), ...(run === undefined ? {} : { look: `/dr show ${short(run)}` }) };
  const mine: Visit = { ...visit, reads: deed.reads, about, tried, who: whoCan(desk, verb, run) };
  try {
    const visitor = await desk.admit(mine);
    if (!visitor.ok) return visitor.text;
    return await deed.act(values, { caller: visitor.caller, commands: desk.commands, nowMs: desk.clock.nowMs(), key });
  } catch (error) {
    return desk.refuse(error, mine);
  }
}

function whoCan(desk: Desk, { name }: Verb, run: string | undefined): () => Promise<string> {
  if (run !== undefined && (name === 'approve' || name === 'reject')) return whoDecides(desk, run);
  return run !== undefined && (name === 'hold' || name === 'release') ? whoHolds(desk, run) : whoHas(desk, rightOf(name));
}

type Helping = { readonly caller: Caller; readonly rest: readonly Word[]; readonly playbooks: readonly PlaybookSummary[] };

async function help(desk: Desk, { caller, rest, playbooks }: Helping): Promise<Said> {
  if (rest.length === 0) return { text: helpText(mayDo(SLACK_VERBS, caller), caller.rights.includes('run') ? playbooks : [], notFor(desk, caller)) };
  const found = find(rest, playbooks);
  const group = rest.length === 1 ? groupHelp(rest[0]?.text ?? '', playbooks) : undefined;
  if (found.kind === 'nothing') return { text: group ?? unknownText(found) };
  if (found.kind === 'verb') return { text: verbHelp(found.verb) };
  const own = playbookHelp(await desk.commands.playbook(caller, found.id));
  return { text: group === undefined ? own : `${own}\n*More*\n${group}` };
}

/** Who may do what is not in the help of this person. */
function notFor(desk: Desk, { person, rights }: Caller): readonly string[] {
  if (person === undefined) return ['The configuration does not know you, so this only looks.'];
  const others = (['run', 'pause', 'supersede'] as const).filter((right) => !rights.includes(right));
  return others.map((right) => `You have not the right ${code(right, 20)}. ${rightWords(desk.policy(), right)}`);
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
