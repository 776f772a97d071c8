import { hasRight } from '../approval/right.ts';
import { SalvorError } from '../model/error.ts';
import { type Policy, RIGHTS, type Right } from '../model/policy.ts';
import type { Caller, Surface } from '../port/commands.ts';

/** The caller that a person is on a surface; without a person, what everybody may do. */
export function callerOf(policy: Pick<Policy, 'people' | 'rights'>, person: string | undefined, surface: Surface): Caller {
  return { person, surface, rights: RIGHTS.filter((right) => hasRight(person, right, policy)) };
}

export function assertMayRead(caller: Caller): void {
  if (caller.rights.includes('read')) return;
  throw caller.person === undefined ? nobody() : forbidden(caller.person, 'read');
}

/** The name of the person who asks. */
export function personOf(caller: Caller): string {
  if (caller.person === undefined) throw nobody();
  return caller.person;
}

/** The name of the person who asks, if they have the right; the refusal says who has it. */
export function personWith(caller: Caller, right: Right, policy: Pick<Policy, 'rights'>): string {
  const person = personOf(caller);
  if (!caller.rights.includes(right)) throw forbidden(person, right, policy);
  return person;
}

function nobody(): SalvorError {
  return new SalvorError('request.unauthorized', 'This needs a person: send a token of the configuration');
}

function forbidden(person: string, right: Right, policy?: Pick<Policy, 'rights'>): SalvorError {
  const teams = policy?.rights[right];
  const who =
    teams === undefined || teams === 'everyone'
      ? ''
      : teams.length === 0
        ? '; nobody has it: the configuration maps no team'
        : `; it belongs to ${teams.join(', ')}`;
  return new SalvorError('request.forbidden', `${person} has not the right "${right}"${who}`, { details: { right } });
}
