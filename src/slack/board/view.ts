import type { HomeView, KnownBlock } from '@slack/types';
import type { Right } from '../../model/policy.ts';
import { distance } from '../../model/when.ts';
import type { ClusterPosture, Posture } from '../../port/view/posture.ts';
import { short } from '../../port/view/run-words.ts';
import { context, fitting, header, link, section } from '../blocks/parts.ts';
import { MOST } from '../limits.ts';
import { incidentBlocks, mineBlocks } from '../menu.ts';
import type { Overview } from '../overview.ts';
import { stoppedTexts } from '../reply/incident.ts';
import { code, mrkdwn, stacked } from '../text.ts';

/** The App Home: what needs this person, what is open, how ready the clusters are, and what the person may do. */

/** Fewer than Slack takes (100): a page that nobody scrolls through for ever. */
const MOST_BLOCKS = 60;
const MOST_CLUSTERS = 5;
const MOST_FAILING = 3;

export type Board = {
  readonly overview: Overview;
  readonly posture: Posture;
  /** Undefined: the configuration does not know them. */
  readonly person: string | undefined;
  readonly slackId: string;
  readonly rights: readonly Right[];
  readonly teams: readonly string[];
  readonly site: string | undefined;
};

export function boardView({ overview, posture, person, slackId, rights, teams, site }: Board, nowMs: number): HomeView {
  const { mine, incidents, pauses } = overview;
  const more =
    incidents.next === undefined
      ? []
      : [site === undefined ? `There are more: ${code('/dr incidents', 40)}` : `There are more: ${link('Console', site, '/incidents')}`];
  const clusters = posture.clusters.slice(0, MOST_CLUSTERS);
  const left = posture.clusters.length - clusters.length;
  return home([
    ...stoppedTexts(pauses, nowMs).map((text) => section(text.slice(0, MOST.section))),
    header(mine.length === 0 ? 'Nothing needs you' : 'Needs you'),
    ...mineBlocks(overview, nowMs),
    header(incidents.items.length === 0 ? 'No incident is open' : 'Open incidents'),
    ...incidentBlocks(overview, nowMs),
    ...more.map(context),
    header('Ready to recover?'),
    ...clusters.map((one) => section(clusterText(one, nowMs))),
    ...(left > 0 ? [context(`and ${left} more clusters`)] : []),
    header('You'),
    section(whoText({ person, slackId, rights, teams })),
  ]);
}

/** Why somebody sees nothing. */
export function closedBoard(text: string): HomeView {
  return home([header('Salvor shows you nothing here'), section(text.slice(0, MOST.section))]);
}

function home(blocks: readonly KnownBlock[]): HomeView {
  return { type: 'home', blocks: fitting(blocks.slice(0, MOST_BLOCKS)) };
}

function clusterText({ cluster, looked, failing, drill }: ClusterPosture, nowMs: number): string {
  const lines = [
    looked === undefined
      ? 'Nobody looked yet whether its backups can be relied on.'
      : `Backups: ${mrkdwn(looked.playbook, 80)} ${mrkdwn(looked.text, 300)}, ${distance(looked.at, nowMs)} (${code(short(looked.run), 20)})`,
    ...failing
      .slice(0, MOST_FAILING)
      .map(({ playbook, target, text, run }) => `⚠ ${mrkdwn(playbook, 80)} on ${mrkdwn(target, 100)} ${mrkdwn(text, 200)} (${code(short(run), 20)})`),
    ...(failing.length > MOST_FAILING ? [`and ${failing.length - MOST_FAILING} more that failed`] : []),
    drill === undefined
      ? 'No drill that restored a backup is known.'
      : `Last drill: ${mrkdwn(drill.target, 100)} was restored ${distance(drill.at, nowMs)} (${code(short(drill.run), 20)})`,
  ];
  return stacked([`*${mrkdwn(cluster, 100)}*`, ...lines], MOST.section);
}

function whoText({ person, slackId, rights, teams }: Pick<Board, 'person' | 'slackId' | 'rights' | 'teams'>): string {
  if (person === undefined)
    return `The configuration knows nobody with your Slack id ${code(slackId, 40)}, so you only look.\nTo be one of them: ${code(`people: [{ name: …, slack: ${slackId} }]`, 120)} in salvor.yaml.`;
  const of =
    teams.length === 0
      ? 'in no team'
      : `of ${teams
          .slice(0, 20)
          .map((team) => mrkdwn(team, 60))
          .join(', ')}`;
  const may = rights.length === 0 ? 'nothing beside deciding where a plan asks for you' : rights.map((right) => WORDS[right]).join(', ');
  return `*${mrkdwn(person, 80)}*, ${of}\nYou may: ${may}.`;
}

const WORDS: { readonly [R in Right]: string } = {
  read: 'look',
  run: 'start and cancel runs, lead, close',
  pause: 'pause and resume',
  supersede: 'take over a run',
  configure: 'reload the configuration and copy the store',
};
