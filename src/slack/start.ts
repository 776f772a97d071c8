import { SalvorError } from '../model/error.ts';
import type { Caller } from '../port/commands.ts';
import type { PlaybookView } from '../port/view/playbook.ts';
import { assertShort, type Line } from './body.ts';
import { type Desk, type Visit, whoHas } from './desk.ts';
import { isChosen, OWN, type StartForm, startForm } from './form/start-form.ts';
import { fill, SET } from './line/fill.ts';
import { RUN_LINE } from './line/find.ts';
import { lineParams, playbookExample, propertiesOf } from './line/params.ts';
import type { Word } from './line/words.ts';
import { openModal } from './open.ts';
import { dryRunText, startedText } from './reply/run.ts';
import type { Said } from './reply/said.ts';
import { code, mrkdwn } from './text.ts';

/** A line that starts a playbook: whole, it makes a plan; what is missing is asked in a form; what is not there is answered with what is. */

const NOT = 'Not started';
const NEAREST = 3;

type Starting = {
  readonly id: string;
  readonly rest: readonly Word[];
  readonly line: Line;
  readonly visit: Visit;
  readonly reader: Caller;
  readonly key: string;
};

/** Undefined: a form is open, and says the rest. */
export async function startPlaybook(desk: Desk, { id, rest, line, visit, reader, key }: Starting): Promise<Said | undefined> {
  const asked: Visit = { ...visit, reads: false, tried: { not: NOT, line: `salvor run ${id} …` }, who: whoHas(desk, 'run') };
  try {
    const { commands } = desk;
    const playbook = await commands.playbook(reader, id);
    const known = lineParams(playbook);
    const filled = fill(RUN_LINE, rest, known);
    const example = code(playbookExample(playbook.command ?? `run ${id}`, playbook), 200);
    if (!filled.ok)
      return { text: `${NOT}: ${mrkdwn(filled.problem, 600)}\nFor example: ${example}. What it takes: ${code(`/dr help ${playbook.command ?? id}`, 100)}` };
    assertShort(filled.given);
    const { values, params } = filled.given;
    const visitor = await desk.admit(asked);
    if (!visitor.ok) return { text: visitor.text };
    const { caller } = visitor;
    const missing = playbook.needs.filter((name) => !params.has(name) && !(name === 'cluster' && values.has('cluster')));
    if (missing.length > 0) {
      const names = `${missing.map((name) => code(name, 40)).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
      if (line.trigger_id === '')
        return {
          text: `${NOT}: ${names}, and a mention opens no form\nFor example: ${example}; ${code(`/dr ${playbook.command ?? id}`, 100)} asks for the rest.`,
        };
      const given = new Map([...params, ...own(values)]);
      const why = await openStartForm(desk, { caller, playbook, given, channel: line.channel_id, trigger: line.trigger_id });
      if (why === undefined) return undefined;
      return { text: `${NOT}: ${names}, and the form for it did not open (${mrkdwn(why, 200)})\nFor example: ${example}` };
    }
    const request = {
      playbook: id,
      params: Object.fromEntries(params),
      reason: values.get('reason') ?? 'started in Slack',
      ...(values.has('cluster') ? { cluster: values.get('cluster') ?? '' } : {}),
    };
    const wrong = await misnamed(desk, caller, { ...request, playbook, rest });
    if (wrong !== undefined) return { text: wrong };
    if (values.get('dry-run') === SET) return { text: dryRunText(await commands.dryRun(caller, request)) };
    return { text: startedText(await commands.startRun(caller, { ...request, idempotencyKey: key })) };
  } catch (error) {
    return { text: await desk.refuse(error, asked) };
  }
}

type Opening = {
  readonly caller: Caller;
  readonly playbook: PlaybookView;
  readonly given: ReadonlyMap<string, string>;
  readonly channel: string;
};

/** Asks for what is missing. Answers why it could not; throws `request.forbidden` where nothing could come of it. */
export async function openStartForm(desk: Desk, { trigger, ...opening }: Opening & { readonly trigger: string }): Promise<string | undefined> {
  const { caller } = opening;
  if (!caller.rights.includes('run')) throw new SalvorError('request.forbidden', `${caller.person ?? 'this person'} has not the right "run"`);
  const opened = await openModal(desk, trigger, startForm(await openedFor(desk, { ...opening, round: 0 })));
  return 'why' in opened ? opened.why : undefined;
}

/** All that such a form shows. */
export async function openedFor(desk: Desk, { caller, playbook, given, channel, round }: Opening & { readonly round: number }): Promise<StartForm> {
  const { items } = await desk.commands.choices(caller, { playbook: playbook.id, param: 'cluster' });
  const starting = { playbook: playbook.id, channel, round, chosen: chosenOf(playbook, given) };
  return { playbook, starting, given, clusters: items.map(({ value }) => value) };
}

/** Values that the choices of other fields depend on; long ones are names of nothing. */
function chosenOf(playbook: PlaybookView, given: ReadonlyMap<string, string>): { readonly [name: string]: string } {
  const names = [...propertiesOf(playbook).flatMap(({ name, format }) => (format === 'namespace' || format === 'cluster' ? [name] : [])), OWN.cluster];
  return Object.fromEntries(names.flatMap((name) => [[name, given.get(name) ?? '']]).filter(([, value = '']) => value !== '' && value.length <= 253));
}

function own(values: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const fields = { cluster: OWN.cluster, reason: OWN.reason, 'dry-run': OWN.look };
  return Object.entries(fields).flatMap(([option, field]) => {
    const value = values.get(option);
    return value === undefined ? [] : [[field, value] as const];
  });
}

type Naming = {
  readonly playbook: PlaybookView;
  readonly params: { readonly [name: string]: string };
  readonly rest: readonly Word[];
  readonly cluster?: string;
};

/** A name that the cluster does not have, with the nearest that it has. A cluster that does not answer in time has every name: the plan will tell. */
async function misnamed(desk: Desk, caller: Caller, { playbook, params, rest, cluster }: Naming): Promise<string | undefined> {
  const asked = propertiesOf(playbook).filter((property) => Object.hasOwn(params, property.name) && isChosen(property));
  const looked = await Promise.all(
    asked.map(async ({ name, format }) => {
      const typed = params[name] ?? '';
      const list = await desk.commands.choices(caller, {
        playbook: playbook.id,
        param: name,
        params,
        typed,
        limit: NEAREST,
        ...(cluster === undefined ? {} : { cluster }),
      });
      // A namespace that is to be made anew has no name yet: whoever says so by `to` or `into=` means it.
      const isMeant = list.open && !byPlace(rest, typed);
      return list.unknown !== undefined || list.exact || isMeant ? undefined : { name, format, typed, list };
    }),
  );
  const wrong = looked.find((one) => one !== undefined);
  if (wrong === undefined) return undefined;
  const { name, format, typed, list } = wrong;
  const near = list.items.map(({ value, note }) => `${code(value, 260)}${note === undefined || note === '' ? '' : ` (${mrkdwn(note, 100)})`}`);
  const meant = list.open ? `\nIf it is meant all the same: ${code(`${name}=${typed}`, 300)}` : '';
  const there = near.length === 0 ? 'There is none at all.' : `The nearest: ${near.join(', ')}`;
  return `${NOT}: there is no ${format.replace('-', ' ')} ${code(typed, 260)}${cluster === undefined ? '' : ` on ${mrkdwn(cluster, 60)}`}\n${there}${meant}`;
}

/** It stands in the line by itself: no name and no word before it says what it is. */
function byPlace(words: readonly Word[], value: string): boolean {
  const at = words.findIndex(({ text }) => text === value);
  return at >= 0 && !['to', 'into', '--into'].includes(words[at - 1]?.text.toLowerCase() ?? '');
}
