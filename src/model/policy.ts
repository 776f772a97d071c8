import type { Need } from './playbook.ts';

/** What the operator's configuration decides, as the pure rooms see it. The file's schema is in `config.ts`; this is its meaning. */
export type Person = { readonly name: string; readonly slack?: string; readonly pagerduty?: string; readonly teams: readonly string[] };

export const RIGHTS = ['read', 'run', 'pause', 'supersede', 'configure'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who may approve, how many, until when. */
export type ApprovalPolicy = {
  readonly need: readonly Need[];
  readonly notRequester: boolean;
  readonly typedConfirmation: boolean;
  readonly withinMs: number;
  readonly remindMs: number;
  /** Each who counts does so for another team. */
  readonly distinctTeams?: boolean;
  /** What follows when the time is over, one behind the other; what is asked stays. */
  readonly stages?: readonly ApprovalStage[];
  /** `hold`: nobody's silence ends the proposal; it waits on for whoever comes. */
  readonly onExpiry?: 'deny' | 'hold';
};

/** More people may vote, and somebody is called: for another while. */
export type ApprovalStage = { readonly addApprovers: readonly string[]; readonly page?: string; readonly withinMs: number };

/** The emergency: whose word alone is enough, with a reason, and who is called to look at it. */
export type BreakGlass = { readonly need: readonly Need[]; readonly page?: string };

/**
 * Who is in a team that others keep: a user group of Slack, the people on call by a schedule of PagerDuty. `people` are names of the configuration;
 * absent: not known, which is nobody.
 */
export type Group = { readonly people?: readonly string[]; readonly atMs?: number; readonly problem?: string };

/** A stricter rule for a playbook or an action, beside the rule of its risk. */
export type StricterRule = { readonly playbook?: string; readonly action?: string } & Partial<ApprovalPolicy>;

export type AutoRule = { readonly action: string; readonly playbook?: string; readonly limit: { readonly count: number; readonly perMs: number } };

export type Rung = { readonly page: string; readonly afterMs: number };

/** Hours of every day by the clock on the wall, `22:00` to `07:00`, in a time zone. */
export type Quiet = { readonly from: string; readonly until: string; readonly timeZone: string };

/** A span in which nothing may be changed. `clusters` empty: all. */
export type Freeze = { readonly name: string; readonly fromMs: number; readonly untilMs: number; readonly clusters: readonly string[] };

/** Changes are allowed only while a window of the cluster is open: starts by cron in a time zone, lasts a while. */
export type Window = {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly lastsMs: number;
  readonly clusters: readonly string[];
  readonly playbooks: readonly string[];
};

export type UnroutedAnswer = 'page' | 'incident' | 'count';
export type Severity = 'SEV1' | 'SEV2' | 'SEV3';

export type Policy = {
  readonly people: readonly Person[];
  /** What shipped playbooks ask for, mapped to teams. */
  readonly roles: { readonly [role: string]: readonly string[] };
  readonly rights: { readonly [R in Right]: 'everyone' | readonly string[] };
  readonly approvals: {
    readonly reversible: ApprovalPolicy;
    readonly destructive: ApprovalPolicy;
    readonly stricter: readonly StricterRule[];
    readonly auto: readonly AutoRule[];
    readonly breakGlass?: BreakGlass;
  };
  /** What is known of the teams that others keep, by their name: `usergroup:dr-approvers`. The people in them have that team, too. */
  readonly groups?: { readonly [team: string]: Group };
  readonly ladders: { readonly [name: string]: readonly Rung[] };
  /** People can vote by a note in the pager, whose webhooks come in. */
  readonly pagerVotes?: boolean;
  /** When nobody is reminded, by ladder. Pages go at any hour. */
  readonly quiet?: { readonly [ladder: string]: Quiet };
  readonly gates: {
    /** The most that may be touched at once in one cluster, by kind of target: `nodes`, `namespaces` … */
    readonly blastRadius: { readonly [kind: string]: number };
    readonly windows: readonly Window[];
    readonly freezes: readonly Freeze[];
  };
  /** By the alert's severity label; `default` for any other. */
  readonly unrouted: { readonly [severity: string]: UnroutedAnswer };
  readonly severities: { readonly [severity: string]: Severity };
};
