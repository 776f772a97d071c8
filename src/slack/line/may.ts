import type { Right } from '../../model/policy.ts';
import type { Caller } from '../../port/commands.ts';
import type { Verb } from '../../port/verb.ts';
import { DEEDS } from '../deed.ts';
import type { Found } from './find.ts';
import { HELP } from './find.ts';

/** What needs a person and no right of the configuration: teams and roles of the plan, the question or the incident decide. */
const OF_A_PERSON: ReadonlySet<string> = new Set(['approve', 'reject', 'withdraw', 'hold', 'release', 'answer', 'note', 'update']);

/** What takes the right to pause. */
const OF_THE_SWITCH: ReadonlySet<string> = new Set(['pause', 'resume', 'freeze', 'unfreeze']);

export function rightOf(verb: string): Extract<Right, 'run' | 'pause' | 'supersede'> {
  return OF_THE_SWITCH.has(verb) ? 'pause' : verb === 'supersede' ? 'supersede' : 'run';
}

/** The verbs that somebody may use. */
export function mayDo(verbs: readonly Verb[], { person, rights }: Caller): readonly Verb[] {
  return verbs.filter((verb) => {
    if (verb === HELP || DEEDS[verb.name]?.reads === true) return true;
    if (person === undefined) return false;
    return OF_A_PERSON.has(verb.name) || rights.includes(rightOf(verb.name));
  });
}

/** It looks, and starts nothing: a playbook starts a run, also where the run only looks. */
export function isRead(found: Found): boolean {
  return found.kind === 'verb' && (found.verb === HELP || DEEDS[found.verb.name]?.reads === true);
}
