import { errorText } from '../model/error.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import { distance } from '../model/when.ts';
import type { AskChoices } from '../port/commands.ts';
import { inTime } from '../port/in-time.ts';
import type { Choice, ChoiceList } from '../port/view/choice.ts';
import type { PlaybookView } from '../port/view/playbook.ts';
import type { Looking } from './looking.ts';

/** What the form of a playbook offers for a parameter, and what it says about that; empty where there is nothing to say. */
export type Offered = { readonly items: readonly Choice[]; readonly says: string };

/** A page is not kept waiting for a cluster: what is not known by then is there when the form is loaded again. */
const WITHIN_MS = 60;
const MOST = 100;
const OLD_MS = 60_000;

/** Choices of the live cluster for every parameter of a playbook, as far as they are known in the time that a page may take. */
export async function offeredFor({ id, parameters }: Pick<PlaybookView, 'id' | 'parameters'>, looking: Looking): Promise<ReadonlyMap<string, Offered>> {
  const properties = isObject(parameters['properties']) ? parameters['properties'] : {};
  const { form } = looking.seat;
  const params = chosenIn(properties, form);
  // Whether the form has a field of its own for it, or the playbook has; the first is what it shows before anybody chose.
  const cluster = form.field('cluster') || (Object.hasOwn(properties, 'cluster') ? '' : (looking.clusters[0] ?? ''));
  const base = { playbook: id, params, limit: MOST, ...(cluster === '' ? {} : { cluster }) };
  const found = await Promise.all(Object.keys(properties).map(async (param) => [param, await offered(looking, { ...base, param })] as const));
  return new Map(found);
}

async function offered({ commands, caller, clock }: Looking, asked: AskChoices & { readonly params: JsonObject }): Promise<Offered> {
  const { param, params, cluster } = asked;
  const own = params[param];
  const typed = typeof own === 'string' ? own : '';
  const nearest = typed === '' ? undefined : commands.choices(caller, { ...asked, typed });
  try {
    const said = await inTime(Promise.all([commands.choices(caller, asked), nearest]), { clock, withinMs: WITHIN_MS });
    if (said.done) return { items: said.value[0].items, says: wordsOf(...said.value, { typed, nowMs: clock.nowMs() }) };
    return { items: [], says: `${cluster ?? 'The cluster'} has not said yet what there is: type the name, or read the choices again in a moment` };
  } catch (error) {
    // Such as a cluster that nobody chose yet; the form is of use without.
    return { items: [], says: `Nobody knows what there is: ${errorText(error)}` };
  }
}

function wordsOf(...[all, nearest, { typed, nowMs }]: [ChoiceList, ChoiceList | undefined, { readonly typed: string; readonly nowMs: number }]): string {
  const { items, asOf, unknown } = all;
  if (unknown !== undefined) return `Nobody knows now what there is (${unknown}): type the name, it is checked before anything is planned`;
  // What needs no cluster shows its choices by itself.
  if (asOf === undefined) return '';
  const count = items.length === 0 ? 'there is none to choose' : `${items.length < MOST ? items.length : `the first ${MOST}`} to choose from`;
  const old = nowMs - asOf > OLD_MS ? `, as of ${distance(asOf, nowMs)}` : '';
  return `${wrongWords(typed, nearest)}${count}${old}`;
}

/** `nothing is called dayli; nearest: daily; `. */
function wrongWords(typed: string, nearest: ChoiceList | undefined): string {
  if (nearest === undefined || nearest.exact || nearest.open) return '';
  const near = nearest.items.slice(0, 3).map(({ value }) => value);
  return `nothing is called ${typed}${near.length === 0 ? '' : `, the nearest is ${near.join(', ')}`}; `;
}

/** What is chosen so far: as it was sent, else as the form presets it. */
function chosenIn(properties: JsonObject, form: Looking['seat']['form']): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => {
      const field = `param.${name}`;
      const preset = isObject(schema) ? schema['default'] : undefined;
      const value = form.names.includes(field) ? form.field(field).trim() : preset;
      return typeof value !== 'string' || value === '' ? [] : [[name, value] as const];
    }),
  );
}
