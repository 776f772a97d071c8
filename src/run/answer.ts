import { parseDuration } from '../model/duration.ts';
import type { ErrorCode } from '../model/error.ts';
import { canonical, type Json } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import type { AskStage } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Run } from '../model/run.ts';

export type Judged =
  | { readonly kind: 'taken'; readonly value: Json; readonly goesOn: boolean }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly reason: string };

type Asked = { readonly stage: AskStage; readonly mail: Extract<RunMail, { kind: 'answer' }>; readonly run: Run; readonly policy: Policy };

/** May this person answer, is the value of the type that was asked for, and does the run go on with it? */
export function judgeAnswer({ stage, mail, run, policy }: Asked): Judged {
  const { ask } = stage;
  if (mail.ask !== stage.id) return refused('request.conflict', `"${mail.ask}" is not asked now; "${stage.id}" is`);
  const teams = Object.hasOwn(policy.roles, ask.role) ? policy.roles[ask.role] : undefined;
  if (teams === undefined || teams.length === 0) return refused('approval.not-allowed', `The role ${ask.role} is not mapped to a team, so nobody may answer`);
  if (!answerersOf(ask.role, policy).includes(mail.by))
    return refused('approval.not-allowed', `${mail.by} is not in ${teams.join(' or ')}, which the role ${ask.role} stands for`);
  if (ask.confirm === 'typed' && mail.confirmation !== run.target) return refused('approval.confirmation-missing', `Type ${run.target} to confirm this answer`);
  const value = readValue(ask.answer.type, mail.value);
  if (value === undefined) return refused('request.invalid', `Expected a ${ask.answer.type}, found ${JSON.stringify(mail.value)}`);
  const { choose, goOn } = ask.answer;
  if (choose !== undefined && !choose.some((choice) => choice === value))
    return refused('request.invalid', `Expected one of ${choose.join(', ')}, found ${JSON.stringify(value)}`);
  const goesOn = goOn === undefined || goOn.some((good) => canonical(good) === canonical(value));
  return { kind: 'taken', value, goesOn };
}

/** Whose answer would count: everybody of the teams that the role stands for. */
export function answerersOf(role: string, { roles, people }: Pick<Policy, 'roles' | 'people'>): readonly string[] {
  const teams = Object.hasOwn(roles, role) ? (roles[role] ?? []) : [];
  return people.flatMap(({ name, teams: own }) => (own.some((team) => teams.includes(team)) ? [name] : []));
}

function refused(code: ErrorCode, reason: string): Judged {
  return { kind: 'refused', code, reason };
}

/** The value in its type, or undefined. Command lines send text: `yes` and `12` are read as what was asked for. */
function readValue(type: AskStage['ask']['answer']['type'], value: Json): Json | undefined {
  switch (type) {
    case 'number': {
      const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
    }
    case 'yes-no':
      if (value === true || value === 'yes' || value === 'true') return true;
      return value === false || value === 'no' || value === 'false' ? false : undefined;
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== undefined ? value : undefined;
    case 'name':
      return typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value) ? value : undefined;
    case 'text':
    case 'choice':
      return typeof value === 'string' && value.length > 0 && value.length <= 4000 ? value : undefined;
  }
}
