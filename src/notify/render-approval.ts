import { plain } from '../domain/plain.ts';
import { counted } from '../model/counted.ts';
import type { Entry } from '../model/entry.ts';
import type { Proposal } from '../model/incident.ts';
import { isList, isObject, type Json, type JsonObject, textIn } from '../model/json.ts';
import { formatTime } from '../model/time.ts';
import type { Asked, ChatMessage } from '../port/chat.ts';

/** A card shows so many steps of a plan; the rest is a number. */
const MOST_STEPS = 20;

type Rendered = Pick<ChatMessage, 'title' | 'lines'> & { readonly approval: NonNullable<ChatMessage['approval']> };

/**
 * What people decide about: each step with its changes and what it costs, who is asked until when, and how to say yes without Slack. With what was
 * decided so far, once it was; when nobody can decide any more, that is the answer.
 */
export function renderApproval(
  { data }: Pick<Entry, 'data'>,
  proposal?: Pick<Proposal, 'votes' | 'missing' | 'over' | 'expiresMs' | 'held' | 'also'>,
): Rendered {
  const facts = isObject(data['facts']) ? data['facts'] : {};
  const run = textIn(data['run']);
  const plan = textIn(facts['digest']);
  const asked = withNews(askedOf(facts, proposal?.expiresMs), proposal);
  const { votes = [], missing, over } = proposal ?? {};
  const held = over === undefined ? proposal?.held : undefined;
  const isHeld = held === undefined ? '' : `Held by ${held.by}: ${held.reason}. `;
  const title =
    over === undefined ? `${isHeld}Approve ${plan.slice(0, 8)}? ${asked.summary}` : `${over.text}. It was about ${plan.slice(0, 8)}: ${asked.summary}`;
  const decided = [
    ...(over === undefined ? [] : [`Since ${formatTime(over.atMs)} there is nothing to decide here`]),
    ...(votes.length === 0 ? [] : [`Approved so far: ${votes.map(({ by, surface, atMs }) => `${by} via ${surface} at ${formatTime(atMs)}`).join(', ')}`]),
    ...(missing === undefined ? [] : [missing]),
  ];
  const approval = {
    run,
    plan,
    asked,
    ...(votes.length === 0 ? {} : { votes }),
    ...(missing === undefined ? {} : { missing }),
    ...(held === undefined ? {} : { held }),
    ...(over === undefined ? {} : { over }),
  };
  const lines = [
    ...decided,
    ...linesOf(asked),
    ...(held === undefined ? [] : [`Its time stands still. Release: salvor release ${run.replace(/^run\//, '')}`]),
    ...(over === undefined ? [`Approve: salvor approve ${run.replace(/^run\//, '')} --plan ${plan.slice(0, 8)}`] : []),
  ];
  return { title: plain(title, 500), lines: lines.map((line) => plain(line)), approval };
}

function linesOf({ steps, moreSteps, changed, risk, policy, expiresMs, held }: Asked): readonly string[] {
  return [
    ...steps.flatMap(({ step, cluster, summary, changes, told }) => [
      `${step} on ${cluster}: ${summary} (${counted(changes, 'change')})`,
      ...told.map((text) => `- ${text}`),
    ]),
    ...(moreSteps > 0 ? [`and ${counted(moreSteps, 'step')} more`] : []),
    ...(changed.length === 0 ? [] : [`Changed since the last proposal: ${changed.join('; ')}`]),
    `Risk: ${risk}; ${policy}${expiresMs === undefined ? '' : `; expires ${formatTime(expiresMs)}`}`,
    ...(held === undefined ? [] : [`Could not start now: ${held}`]),
  ];
}

/** Who may vote by now, too. */
function withNews(asked: Asked, { also = [] }: Pick<Proposal, 'also'> = {}): Asked {
  return also.length === 0 ? asked : { ...asked, policy: `${asked.policy}; by now also ${also.join(' or ')}` };
}

/** The facts of the line `run.proposed`; older lines say less. */
function askedOf(facts: JsonObject, expires: number | undefined): Asked {
  const steps = isList(facts['steps']) ? facts['steps'].filter(isObject) : [];
  const expiresMs = expires ?? (typeof facts['expiresMs'] === 'number' ? facts['expiresMs'] : undefined);
  const held = isObject(facts['hold']) ? `held by ${textIn(facts['hold']['gate'])}: ${textIn(facts['hold']['reason'])}` : undefined;
  return {
    summary: steps.map((step) => textIn(step['summary'])).join('; '),
    risk: textIn(facts['risk']),
    steps: steps.slice(0, MOST_STEPS).map((step) => ({
      step: textIn(step['step']),
      summary: textIn(step['summary']),
      cluster: textIn(step['cluster']),
      risk: textIn(step['risk'] ?? facts['risk']),
      ...(step['back'] === undefined ? {} : { back: textIn(step['back']) }),
      diff: textsIn(step['diff']),
      changes: typeof step['changes'] === 'number' ? step['changes'] : 0,
      told: textsIn(step['told']),
    })),
    moreSteps: Math.max(0, steps.length - MOST_STEPS),
    policy: textIn(facts['asks']),
    ...(expiresMs === undefined ? {} : { expiresMs }),
    typed: facts['typed'] === true,
    changed: textsIn(facts['changed']),
    ...(held === undefined ? {} : { held }),
  };
}

export function textsIn(value: Json | undefined): readonly string[] {
  return isList(value) ? value.map(textIn) : [];
}
