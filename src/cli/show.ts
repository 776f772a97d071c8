import { formatDuration } from '../model/duration.ts';
import { clockTime, when } from '../model/when.ts';
import { RunView } from '../port/view/run.ts';
import { isGoodEnd, nameOf, standing } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { decideLines } from './decide-lines.ts';
import { printFailed } from './failed.ts';
import { planLines } from './plan-lines.ts';
import { present } from './present.ts';
import { type Io, paint, printLine, printTable } from './print.ts';
import { factLine, whoFacts } from './who-lines.ts';

export type ShowOptions = ClientOptions & { readonly run: string /** The whole journal, not only its tail. */; readonly all?: boolean };

const TAIL = 12;

/** `salvor show RUN`: where it stands, what waits for whom, its plan, its steps and what happened last. */
export async function show(options: ShowOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const asked = await client.ask(`/api/v1/runs/${encodeURIComponent(options.run)}`);
  const nowMs = context.clock.nowMs();
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: RunView,
    print: (run) => printRun(context.io, run, { nowMs, all: options.all === true }),
  });
}

type Printing = { readonly nowMs: number; readonly all: boolean };

export function printRun(io: Io, run: RunView, { nowMs, all }: Printing): void {
  const style = run.endedAt === undefined ? 'bold' : isGoodEnd(run.state) ? 'green' : 'red';
  printLine(io, paint(io, style, `${nameOf(run)} ${standing(run)} (run ${run.id}, ${run.state})`));
  for (const fact of factsOf(run, nowMs)) printLine(io, factLine(fact));

  if (run.plan !== undefined) {
    printLine(io);
    for (const line of planLines(run.plan, io)) printLine(io, line);
  }
  if (run.changed.length > 0) {
    printLine(io, `\n${paint(io, 'bold', 'Changed since the last proposal')}`);
    for (const change of run.changed) printLine(io, `  ${change}`);
  }
  const decide = decideLines(run);
  if (decide.length > 0) printLine(io);
  for (const line of decide) printLine(io, line);

  printSteps(io, run, nowMs);
  printJournal(io, run, { nowMs, all });
}

function factsOf(run: RunView, nowMs: number): readonly (readonly [string, string])[] {
  const { hold, trouble, waiting, approval, finding, reason, params } = run;
  const facts: (readonly [string, string])[] = [
    ['cluster', run.cluster],
    ['incident', run.incident],
    ['started', `${when(run.createdAt, nowMs)} by ${run.requestedBy}${reason === undefined ? '' : `: ${reason}`}`],
  ];
  if (run.endedAt !== undefined) facts.push(['ended', when(run.endedAt, nowMs)]);
  const given = Object.entries(params).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (given.length > 0) facts.push(['with', given.join(' ')]);
  if (finding !== undefined) facts.push(['finding', `${finding.kind}: ${finding.reason}`], ...finding.hints.map((hint) => ['', hint] as const));
  if (hold !== undefined)
    facts.push(['held', `by ${hold.gate}: ${hold.reason}; ${hold.until === undefined ? 'until something changes' : `until ${when(hold.until, nowMs)}`}`]);
  if (trouble !== undefined) facts.push(['tries', `again since ${when(trouble.since, nowMs)}: ${trouble.reason}`]);
  if (waiting !== undefined) facts.push(['waits', `since ${when(waiting.since, nowMs)}, at most until ${when(waiting.until, nowMs)}`]);
  if (waiting?.ask !== undefined) {
    const { text, role, show: shown } = waiting.ask;
    facts.push(
      ['asks', `${role}: ${text}`],
      ...shown.map(({ from, value }) => ['', `${from} = ${value === undefined ? 'not known' : JSON.stringify(value)}`] as const),
    );
  }
  if (approval !== undefined && run.state === 'proposed') {
    facts.push([
      'asks',
      `${approval.asks}${approval.notRequester ? ', not who asked for it' : ''}; ${approval.held === undefined ? `expires ${when(approval.expires, nowMs)}` : 'its time stands still while it is held'}`,
    ]);
    facts.push(...whoFacts(run));
  }
  if (run.approvals.length > 0)
    facts.push([
      'approved',
      run.approvals
        .map(
          ({ by, surface, at, breakGlass }) => `by ${by} (${surface}, ${when(at, nowMs)}${breakGlass === undefined ? '' : `, broke the glass: ${breakGlass}`})`,
        )
        .join(', '),
    ]);
  for (const { ask, value, by, at } of run.answers) facts.push(['answer', `${ask} = ${JSON.stringify(value)} by ${by}, ${when(at, nowMs)}`]);
  if (run.locked) facts.push(['locks', run.locks.join(', ')]);
  if (run.openIntents.length > 0) facts.push(['unknown', `outcome of ${run.openIntents.join(', ')}`]);
  const clocks = clocksOf(run);
  if (clocks !== '') facts.push(['time', clocks]);
  return facts;
}

function clocksOf({ clocks }: RunView): string {
  const named = [
    ['detect', clocks.detectMs],
    ['decide', clocks.decideMs],
    ['act', clocks.actMs],
    ['prove', clocks.proveMs],
    ['waiting for people', clocks.peopleMs],
    ['cleanup', clocks.cleanupMs],
  ] as const;
  return named.flatMap(([name, durationMs]) => (durationMs >= 1000 ? [`${name} ${formatDuration(durationMs)}`] : [])).join(', ');
}

function printSteps(io: Io, { steps, plan }: RunView, nowMs: number): void {
  // A plan that nobody approved yet says it all.
  if (steps.length === 0 || (plan !== undefined && steps.every(({ phase }) => phase === 'planned'))) return;
  printLine(io);
  printTable(
    io,
    ['STEP', 'STAGE', 'PHASE', 'TRIES', 'SINCE', 'PROGRESS'],
    steps.map(({ step, stage, phase, attempts, started, ended, progress, reason }) => [
      step,
      stage,
      phase,
      String(attempts),
      started === undefined ? '' : ended === undefined ? when(started, nowMs) : `${when(started, nowMs)}, took ${formatDuration(ended - started)}`,
      reason ?? progress ?? '',
    ]),
  );
}

function printJournal(io: Io, { journal }: RunView, { nowMs, all }: Printing): void {
  const told = all ? journal : journal.filter(({ text }) => text !== undefined);
  const shown = all ? told : told.slice(-TAIL);
  if (shown.length === 0) return;
  const cut = shown.length < told.length ? ` (the last ${shown.length} of ${told.length} lines; --all shows every one)` : '';
  printLine(io, `\n${paint(io, 'bold', 'Journal')}${paint(io, 'dim', cut)}`);
  for (const { at, text, type, data } of shown) printLine(io, `  ${clockTime(at, nowMs)}  ${text ?? `${type} ${JSON.stringify(data)}`}`);
}
