/**
 * What people can tell Salvor to do, declared once: the command line and Slack's `/dr` take these words, and both show them as help.
 * The playbooks' own commands (`backup run daily`) come from their files.
 */

/** An argument, or an option. */
export type VerbPart = {
  readonly name: string;
  readonly about: string;
  /** What the value of an option is called in help: `<digest>`. Absent: a flag, or an argument. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** Options only; arguments always are. */
  readonly required?: boolean;
  /** How several values are given: the option again, or with commas. */
  readonly several?: 'again' | 'commas';
};

export type Verb = {
  readonly name: string;
  readonly summary: string;
  readonly args: readonly VerbPart[];
  readonly options: readonly VerbPart[];
  /** The part that takes the rest of a line that people type in a chat. */
  readonly rest?: string;
  /** Values by the names of the parts; `true` sets a flag. */
  readonly examples: readonly VerbExample[];
};

export type VerbExample = { readonly [part: string]: string | true };

const RUN: VerbPart = { name: 'run', about: 'the run, or the first 8 characters of its id' };
const INCIDENT: VerbPart = { name: 'incident', about: 'the incident, or the first 8 characters of its id' };
const REASON: VerbPart = { name: 'reason', value: '<text>', about: 'why, for the timeline' };
const CONFIRM: VerbPart = { name: 'confirm', value: '<text>', about: 'the word that has to be typed, where one is asked' };
const GLASS: VerbPart = { name: 'break-glass', value: '<reason>', about: 'the emergency rule: why you approve alone; it is told, audited, and calls somebody' };
const CLUSTER: VerbPart = { name: 'cluster', value: '<name>', about: 'only of this cluster' };

const given = (part: VerbPart): VerbPart => ({ ...part, required: true });

export const VERBS = {
  run: {
    name: 'run',
    summary: 'start a run by hand',
    args: [{ name: 'playbook', about: 'the id of the playbook' }],
    options: [
      { name: 'param', value: '<name=value>', about: 'a parameter; may be given several times', several: 'again' },
      { name: 'cluster', value: '<name>', about: 'the cluster (default: the parameter cluster, else the default one)' },
      REASON,
      { name: 'dry-run', about: 'only look: what it would find and propose' },
      { name: 'key', value: '<key>', about: 'the same key again starts nothing, and answers the same' },
    ],
    examples: [
      { playbook: 'backup-failed', param: 'schedule=daily', reason: 'needed before the upgrade' },
      { playbook: 'backup-failed', param: 'schedule=daily', 'dry-run': true },
    ],
  },
  approve: {
    name: 'approve',
    summary: 'say yes to exactly this plan',
    args: [RUN],
    options: [
      { name: 'plan', value: '<digest>', about: 'the digest of the plan that you looked at, or its first 8 characters', required: true },
      CONFIRM,
      GLASS,
    ],
    rest: 'confirm',
    examples: [
      { run: '3f9a01c2', plan: 'd1d1d1d1' },
      { run: '3f9a01c2', plan: 'd1d1d1d1', confirm: 'daily' },
    ],
  },
  withdraw: {
    name: 'withdraw',
    summary: 'take your yes back, as long as nothing was begun',
    args: [RUN],
    options: [],
    examples: [{ run: '3f9a01c2' }],
  },
  hold: {
    name: 'hold',
    summary: 'not yet: keep a proposal from starting, and its time from running out',
    args: [RUN],
    options: [given(REASON)],
    rest: 'reason',
    examples: [{ run: '3f9a01c2', reason: 'the owner of the data is on the way' }],
  },
  release: {
    name: 'release',
    summary: 'end the hold of a proposal: it goes on where it stood',
    args: [RUN],
    options: [],
    examples: [{ run: '3f9a01c2' }],
  },
  reject: {
    name: 'reject',
    summary: 'say no to its plan',
    args: [RUN],
    options: [given(REASON)],
    rest: 'reason',
    examples: [{ run: '3f9a01c2', reason: 'the storage is being replaced' }],
  },
  cancel: {
    name: 'cancel',
    summary: 'stop it, and undo what it did',
    args: [RUN],
    options: [{ name: 'keep', about: 'undo only what must always be undone' }, REASON],
    rest: 'reason',
    examples: [{ run: '3f9a01c2' }, { run: '3f9a01c2', keep: true, reason: 'I go on by hand' }],
  },
  answer: {
    name: 'answer',
    summary: 'answer a question of a run',
    args: [RUN, { name: 'ask', about: 'the name of the question' }],
    options: [{ name: 'value', value: '<value>', about: 'the answer', required: true }, CONFIRM],
    rest: 'value',
    examples: [{ run: '3f9a01c2', ask: 'confirm', value: 'yes' }],
  },
  settle: {
    name: 'settle',
    summary: 'say whether a step with an unknown outcome happened',
    args: [RUN, { name: 'step', about: 'the name of the step' }],
    options: [{ name: 'as', value: '<outcome>', about: 'what you found', choices: ['done', 'not-done'], required: true }],
    examples: [{ run: '3f9a01c2', step: 'create', as: 'done' }],
  },
  supersede: {
    name: 'supersede',
    summary: 'take over: end the run, or write off an undo that fails',
    args: [RUN],
    options: [given(REASON)],
    rest: 'reason',
    examples: [{ run: '3f9a01c2', reason: 'I restore by hand' }],
  },
  pause: {
    name: 'pause',
    summary: 'the big red switch: from now on nothing is written',
    args: [],
    options: [
      given(REASON),
      { name: 'for', value: '<duration>', about: 'such as 2h (default: until somebody resumes)' },
      { name: 'cluster', value: '<name>', about: 'only there (default: every cluster)' },
      { name: 'playbook', value: '<id>', about: 'only this one (default: every playbook)' },
    ],
    rest: 'reason',
    examples: [{ reason: 'network work' }, { for: '2h', cluster: 'prod', playbook: 'backup-failed', reason: 'storage move' }],
  },
  resume: {
    name: 'resume',
    summary: 'end a pause',
    args: [],
    options: [
      { name: 'cluster', value: '<name>', about: 'only there (default: every cluster)' },
      { name: 'playbook', value: '<id>', about: 'the pause of this one' },
    ],
    examples: [{}, { cluster: 'prod', playbook: 'backup-failed' }],
  },
  freeze: {
    name: 'freeze',
    summary: 'write nothing new until then; what is half done may still be undone',
    args: [{ name: 'name', about: 'what it is called, to end it by' }],
    options: [
      { name: 'until', value: '<time>', about: 'how long, or when it ends (UTC): 2h, 18:00, 2026-11-21T18:00', required: true },
      given(REASON),
      { name: 'cluster', value: '<name>', about: 'only there (default: every cluster)' },
    ],
    rest: 'reason',
    examples: [
      { name: 'storage-move', until: '2h', reason: 'the storage team works' },
      { name: 'storage-move', until: '18:00', cluster: 'prod', reason: 'the storage team works' },
    ],
  },
  unfreeze: {
    name: 'unfreeze',
    summary: 'end a freeze that was set by hand',
    args: [{ name: 'name', about: 'the name that it was given' }],
    options: [{ name: 'cluster', value: '<name>', about: 'only there (default: wherever it is)' }],
    examples: [{ name: 'storage-move' }, { name: 'storage-move', cluster: 'prod' }],
  },
  pauses: { name: 'pauses', summary: 'what is paused or frozen now, by whom and until when', args: [], options: [], examples: [{}] },
  note: {
    name: 'note',
    summary: 'put a note on the timeline',
    args: [INCIDENT, { name: 'text', about: 'what you say' }],
    options: [],
    rest: 'text',
    examples: [{ incident: '70ee629d', text: 'the vendor is called' }],
  },
  severity: {
    name: 'severity',
    summary: 'change how bad it is',
    args: [INCIDENT, { name: 'severity', about: 'how bad it is', choices: ['SEV1', 'SEV2', 'SEV3'] }],
    options: [],
    examples: [{ incident: '70ee629d', severity: 'SEV1' }],
  },
  page: {
    name: 'page',
    summary: 'call people now',
    args: [INCIDENT],
    options: [given(REASON), { name: 'ladder', value: '<name>', about: 'a ladder of the configuration (default: default)' }],
    rest: 'reason',
    examples: [{ incident: '70ee629d', reason: 'nobody here knows the storage' }],
  },
  acknowledge: {
    name: 'acknowledge',
    summary: 'say that you have it: nobody more is called',
    args: [INCIDENT],
    options: [],
    examples: [{ incident: '70ee629d' }],
  },
  lead: {
    name: 'lead',
    summary: 'say who leads: take it, or hand it over',
    args: [INCIDENT, { name: 'person', about: 'who leads from now on' }],
    options: [],
    examples: [{ incident: '70ee629d', person: 'ben' }],
  },
  role: {
    name: 'role',
    summary: 'say who leads, or who speaks for it to others',
    args: [INCIDENT, { name: 'role', about: 'what they do', choices: ['lead', 'communications'] }, { name: 'person', about: 'who does it from now on' }],
    options: [],
    examples: [{ incident: '70ee629d', role: 'communications', person: 'cleo' }],
  },
  update: {
    name: 'update',
    summary: 'tell others how it stands; the newest counts',
    args: [INCIDENT, { name: 'text', about: 'what they are told' }],
    options: [],
    rest: 'text',
    examples: [{ incident: '70ee629d', text: 'half of the shop is back; the rest within the hour' }],
  },
  close: {
    name: 'close',
    summary: 'say that it is over',
    args: [INCIDENT],
    options: [given(REASON)],
    rest: 'reason',
    examples: [{ incident: '70ee629d', reason: 'restored by hand' }],
  },
  incidents: {
    name: 'incidents',
    summary: 'incidents, newest first',
    args: [],
    options: [{ name: 'state', value: '<states>', about: 'open, mitigated, closed; several with commas', several: 'commas' }, CLUSTER],
    examples: [{ state: 'open' }, { cluster: 'prod' }],
  },
  incident: {
    name: 'incident',
    summary: 'an incident: where it stands, its runs, people and timeline',
    args: [INCIDENT],
    options: [],
    examples: [{ incident: '70ee629d' }],
  },
  runs: {
    name: 'runs',
    summary: 'runs of playbooks, newest first',
    args: [],
    options: [
      { name: 'state', value: '<states>', about: 'only in these states; several with commas', several: 'commas' },
      { name: 'open', about: 'only those that did not end' },
      { name: 'target', value: '<name>', about: 'only about this target' },
      { name: 'playbook', value: '<id>', about: 'only of this playbook' },
      CLUSTER,
      { name: 'incident', value: '<id>', about: 'only of this incident' },
    ],
    examples: [{ open: true }, { state: 'proposed,waiting', cluster: 'prod' }],
  },
  show: {
    name: 'show',
    summary: 'a run: where it stands, its plan, how to decide, its journal',
    args: [RUN],
    options: [],
    examples: [{ run: '3f9a01c2' }],
  },
  oncall: {
    name: 'oncall',
    summary: 'who is on call now, as PagerDuty last said',
    args: [],
    options: [{ name: 'team', value: '<name>', about: 'only whom has this in the name (default: everybody whom a ladder calls)' }],
    rest: 'team',
    examples: [{}, { team: 'platform' }],
  },
  locks: { name: 'locks', summary: 'who holds what since when, and who waits', args: [], options: [], examples: [{}] },
} as const satisfies { readonly [name: string]: Verb };
