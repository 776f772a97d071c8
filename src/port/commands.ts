import type { Json, JsonObject } from '../model/json.ts';
import type { Right, Severity } from '../model/policy.ts';
import type { ChoiceList } from './view/choice.ts';
import type { PlaybookExplained } from './view/explain.ts';
import type { Change, IncidentSummary, IncidentView, Told } from './view/incident.ts';
import type { OnCallList } from './view/on-call.ts';
import type { AuditLine, AuditReport, Ledger, LockList, PauseList, QuarantineView, StoreCopy, StoreHealth } from './view/operation.ts';
import type { PlaybookSummary, PlaybookView } from './view/playbook.ts';
import type { Posture } from './view/posture.ts';
import type { DryRun, Pressed, RunSummary, RunView, Started } from './view/run.ts';
import type { Page } from './view/shape.ts';

/**
 * Everything that people and programs can ask, whatever the surface: the API, the command line, the console, Slack.
 * Expected refusals are a `SalvorError`: `request.forbidden`, `request.not-found`, `approval.plan-changed` and so on.
 * An id or a digest may be given by its first 8 characters or more where that is unique, with or without `run/` before it.
 */
export type Surface = 'api' | 'cli' | 'console' | 'slack' | 'pagerduty';

/** Who asks. Without a person it can only read. */
export type Caller = { readonly person: string | undefined; readonly rights: readonly Right[]; readonly surface: Surface };

export type ListRuns = {
  readonly state?: readonly string[];
  readonly target?: string;
  readonly playbook?: string;
  readonly cluster?: string;
  readonly incident?: string;
  /** Only open ones, or only ended ones. */
  readonly open?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
};

export type ListIncidents = {
  readonly state?: readonly string[];
  readonly cluster?: string;
  /** The one that has this channel of the chat for itself. */
  readonly channel?: string;
  readonly limit?: number;
  readonly cursor?: string;
};

export type StartRequest = {
  readonly playbook: string;
  readonly params: JsonObject;
  readonly reason: string;
  /** Absent: the parameter `cluster`, else the default one. */
  readonly cluster?: string;
  /** The same key again gives the same answer and starts nothing. */
  readonly idempotencyKey?: string;
};

export type AskChoices = {
  readonly playbook: string;
  readonly param: string;
  readonly cluster?: string;
  /** What is chosen so far: of a namespace, its backups. */
  readonly params?: JsonObject;
  readonly typed?: string;
  /** At most so many; default 100. */
  readonly limit?: number;
};

/** What a pause covers: absent = every cluster, every playbook. */
export type PauseScope = { readonly cluster?: string; readonly playbook?: string };

/** `from`: the cursor of where it begins, for those who hear nothing before they come back. */
export type Following = { readonly from: string; readonly changes: AsyncIterable<Change> };

export type ReportFormat = 'md' | 'html' | 'json';

export interface Commands {
  ledger(caller: Caller): Promise<Ledger>;

  incidents(caller: Caller, query: ListIncidents): Promise<Page<IncidentSummary>>;
  incident(caller: Caller, id: string): Promise<IncidentView>;
  /** `once` names what the note is about, whoever says it: there is one such note on a timeline, however often it is asked for. */
  note(caller: Caller, id: string, note: { readonly text: string; readonly idempotencyKey?: string; readonly once?: string }): Promise<Told>;
  severity(caller: Caller, id: string, to: { readonly severity: Severity }): Promise<Told>;
  /** One person leads at a time; the next takes over from the one before. */
  lead(caller: Caller, id: string, to: { readonly lead: string }): Promise<Told>;
  /** Who leads, or who speaks for it to others: one person each. */
  role(caller: Caller, id: string, to: { readonly role: 'lead' | 'communications'; readonly person: string }): Promise<Told>;
  /** What others are told about it now. Whoever leads or speaks for it may say so, too, without the right to run. */
  update(caller: Caller, id: string, update: { readonly text: string; readonly idempotencyKey?: string }): Promise<Told>;
  /** People are called now, by a ladder of the configuration (`default`). */
  page(caller: Caller, id: string, why: { readonly reason: string; readonly ladder?: string }): Promise<Told>;
  /** The caller has it: nobody more is called, and where nobody leads yet, they do. A repeat changes nothing. */
  acknowledge(caller: Caller, id: string): Promise<Told>;
  closeIncident(caller: Caller, id: string, why: { readonly reason: string }): Promise<Told>;
  report(caller: Caller, id: string, format: ReportFormat): Promise<string>;

  /** Newest first. */
  runs(caller: Caller, query: ListRuns): Promise<Page<RunSummary>>;
  run(caller: Caller, id: string): Promise<RunView>;
  /** 409 `approval.plan-changed`, with `digest` in its details, if `plan` is not the current one. A repeat changes nothing. */
  approve(
    caller: Caller,
    id: string,
    /** `breakGlass`: why the emergency rule is used; it is told, audited, and calls somebody. */
    press: { readonly plan: string; readonly confirmation?: string; readonly breakGlass?: string },
  ): Promise<Pressed>;
  /** Takes one's own yes back, as long as nothing was begun. */
  withdraw(caller: Caller, id: string): Promise<Pressed>;
  /** Keeps a proposal from starting, and its time from running out, until somebody releases it. */
  hold(caller: Caller, id: string, press: { readonly reason: string }): Promise<Pressed>;
  release(caller: Caller, id: string): Promise<Pressed>;
  reject(caller: Caller, id: string, press: { readonly reason: string }): Promise<Pressed>;
  /** `keep` undoes only what must always be undone. */
  cancel(caller: Caller, id: string, press: { readonly keep?: boolean; readonly reason?: string }): Promise<Pressed>;
  answer(caller: Caller, id: string, press: { readonly ask: string; readonly value: Json; readonly confirmation?: string }): Promise<Pressed>;
  settle(caller: Caller, id: string, press: { readonly step: string; readonly as: 'done' | 'not-done' }): Promise<Pressed>;
  /** Ends an open run; of a run whose undo fails it writes off that undo. */
  supersede(caller: Caller, id: string, press: { readonly reason: string }): Promise<Pressed>;
  locks(caller: Caller): Promise<LockList>;

  startRun(caller: Caller, request: StartRequest): Promise<Started>;
  dryRun(caller: Caller, request: StartRequest): Promise<DryRun>;
  playbooks(caller: Caller): Promise<{ readonly items: readonly PlaybookSummary[] }>;
  playbook(caller: Caller, id: string): Promise<PlaybookView>;
  /** How ready each cluster is to be recovered, by what runs found. */
  posture(caller: Caller): Promise<Posture>;
  /** Who is on call now, as the pager last said; of every rung and schedule whose name has this in it. `request.not-found` where none has. */
  onCall(caller: Caller, of: { readonly team?: string }): Promise<OnCallList>;
  /** What can be chosen for a parameter. Answers within 1.5 s whatever the cluster does: then by an older answer, or `unknown`. */
  choices(caller: Caller, of: AskChoices): Promise<ChoiceList>;

  /** Answers every pause in force. */
  pause(caller: Caller, scope: PauseScope & { readonly reason: string; readonly forMs?: number }): Promise<PauseList>;
  resume(caller: Caller, scope: PauseScope): Promise<PauseList>;
  /** What is paused and frozen now. */
  pauses(caller: Caller): Promise<PauseList>;
  /** Until that moment nothing but an undo is written on the cluster, or on every one; the same name again takes its place. Answers as `pauses`. */
  freeze(caller: Caller, of: { readonly name: string; readonly cluster?: string; readonly reason: string; readonly untilMs: number }): Promise<PauseList>;
  /** `request.not-found` where there is no such freeze by hand. */
  unfreeze(caller: Caller, of: { readonly name: string; readonly cluster?: string }): Promise<PauseList>;

  /** Gates as they stand and who would approve each stage, before there is a plan. Nothing is stored. */
  explainPlaybook(caller: Caller, of: { readonly playbook: string; readonly cluster?: string }): Promise<PlaybookExplained>;
  /** A body as Alertmanager sends it: what would be done with each alert. Nothing is stored. */
  explain(caller: Caller, of: { readonly body: Json; readonly atMs?: number }): Promise<JsonObject>;

  auditExport(caller: Caller, of: { readonly sinceMs?: number; readonly cluster?: string }): AsyncIterable<AuditLine>;
  auditVerify(caller: Caller): Promise<AuditReport>;
  quarantine(caller: Caller, query: { readonly limit?: number; readonly cursor?: string }): Promise<Page<QuarantineView>>;
  /** Writes a copy on the server's own disk; the path is absolute. */
  storeBackup(caller: Caller, to: { readonly file: string }): Promise<StoreCopy>;
  storeCheck(caller: Caller): Promise<StoreHealth>;

  /**
   * New lines of timelines as they are stored, for ever, until the signal aborts. With `after`, the cursor of an earlier line, it goes on behind that
   * line without a gap; over a restart lines may come twice (`incident` and `n` name a line). Without it: from now on; of one incident from its beginning.
   */
  changes(caller: Caller, of: { readonly after?: string; readonly incident?: string; readonly signal: AbortSignal }): Promise<Following>;
}
