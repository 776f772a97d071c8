import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../model/duration.ts';
import { sleep, systemClock } from '../port/clock.ts';
import type { RunView } from '../port/view/run.ts';
import type { Io } from '../serve/serve.ts';
import { type DemoApi, demoApi } from './api.ts';
import { askYes, type DemoIo, sayPlan } from './asking.ts';
import { rehearsedDemo } from './rehearsed.ts';
import { type DemoStage, type OpenStage, openDemoStage } from './stage.ts';

export type DemoOptions = {
  readonly yes: boolean;
  readonly port?: number;
  readonly playbook?: string;
  /** Absent: the simulated cluster. */
  readonly openStage?: OpenStage;
  /** Asked once there is something to clean up: a signal from then on takes down the stage, and what it keeps on disk. */
  readonly stop?: () => AbortSignal;
};

const LONGEST_MS = 600_000;
const LOOK_MS = 150;

/** Salvor beside a cluster whose backup failed, and that one incident from its alert to its report. */
export async function demo({ yes, port = 0, playbook = 'backup-failed', openStage = openDemoStage, stop: openStop }: DemoOptions, io: DemoIo): Promise<number> {
  const { stdin } = io;
  if (!yes && stdin?.isTTY !== true) {
    io.stderr('The demo asks for an approval, and there is no terminal to ask at: run it with --yes\n');
    return 2;
  }
  if (playbook !== 'backup-failed') return rehearsedDemo(playbook, { yes, ...(openStop === undefined ? {} : { stop: openStop() }) }, io);
  const stop = openStop?.() ?? new AbortController().signal;
  const stage = await openStage(port, io);
  const say = (text: string): void => io.stdout(`${text}\n`);
  try {
    const api = demoApi(stage);
    for (const line of stage.opening) say(line);
    say(`The console is at ${stage.url}: log in with ${stage.token}`);
    say(`A simulated Slack is at ${stage.channel.url}: read, press and type there as ana\n`);
    const answered = await api.alert('firing', stage.alertMs, systemClock.nowMs());
    say(`Alertmanager posts VeleroBackupFailed for the schedule "daily": answered ${answered}, and on disk\n`);

    const teller = timelineTeller({ api, say, stop });
    const proposed = await teller.until(({ state }) => state === 'proposed' || isOver(state));
    if (proposed.state !== 'proposed') return broken(proposed, io);
    sayPlan(proposed, say);
    const shown = await stage.channel.approval();
    if (shown !== undefined) say(`What Slack shows in #dr:\n\n${framed(shown)}\n`);
    await approveProposal({ yes, proposed, stage, api, say, stdin, stop });

    const ended = await teller.until(({ state }) => isOver(state));
    if (ended.state !== 'done') return broken(ended, io);
    say('');
    await api.alert('resolved', stage.alertMs, systemClock.nowMs());
    say('Alertmanager posts that the alert resolved');
    await teller.untilClosed();

    say(`\n#dr in Slack, from the card to the report:\n\n${framed(await stage.channel.whole('Verified'))}`);

    const incident = await api.incident();
    const reportFile = join(stage.folder, 'report.html');
    await writeFile(reportFile, await api.report(incident?.id ?? '', 'html'));
    say(`\nDone: the backup was made again, once, and is verified. ${summaryOf(ended)}`);
    say(`Written to the cluster: ${(await stage.writes()).join(', ')}`);
    say(`The report, with the four clocks and a picture: ${reportFile}`);
    say('\nTry next:');
    say('  npx salvor rehearse            every playbook in the simulated world, storage away for hours, a crash in between');
    say('  npx salvor playbooks           what Salvor can answer');
    say('  npx salvor demo                the same, and you approve');
    say('  npx salvor world               the simulated cluster, Slack and PagerDuty alone: kubectl works against it');
    return 0;
  } catch (error) {
    if (!stop.aborted) throw error;
    say('\nStopped: nothing of it is left');
    return 1;
  } finally {
    await stage.close();
    if (stop.aborted) await rm(stage.folder, { recursive: true, force: true });
  }
}

/** Tells the incident's timeline line by line as it grows. */
function timelineTeller({ api, say, stop }: { readonly api: DemoApi; readonly say: (text: string) => void; readonly stop: AbortSignal }) {
  let told = 0;
  const startMs = systemClock.monotonicMs();
  const tellNew = async (): Promise<string | undefined> => {
    const incident = await api.incident();
    for (const line of incident?.timeline ?? []) {
      if (line.n <= told) continue;
      told = line.n;
      if (line.text !== undefined && line.text !== '') say(`  ${new Date(line.at).toISOString().slice(11, 19)}  ${line.text}`);
    }
    return incident?.state;
  };
  const within = (): void => {
    stop.throwIfAborted();
    if (systemClock.monotonicMs() - startMs > LONGEST_MS) throw new Error('the demo takes too long; its log says why');
  };
  return {
    async until(isThere: (run: RunView) => boolean): Promise<RunView> {
      for (;;) {
        const run = await api.run();
        await tellNew();
        if (run !== undefined && isThere(run)) return run;
        within();
        await pause(LOOK_MS);
      }
    },
    async untilClosed(): Promise<void> {
      while ((await tellNew()) !== 'closed') {
        within();
        await pause(LOOK_MS);
      }
    },
  };
}

type Approving = {
  readonly yes: boolean;
  readonly proposed: RunView;
  readonly stage: Pick<DemoStage, 'url' | 'token' | 'channel'>;
  readonly api: DemoApi;
  readonly say: (text: string) => void;
  readonly stdin: DemoIo['stdin'];
  readonly stop: AbortSignal;
};

/** Ana approves: at this keyboard, in Slack, in the console, from another terminal, or by `--yes`. */
async function approveProposal({ yes, proposed, stage, api, say, stdin, stop }: Approving): Promise<void> {
  const plan = proposed.digest ?? '';
  if (yes) {
    say('--yes: ana presses Approve in Slack');
    if (!(await stage.channel.approve())) await api.approve(proposed.id, plan);
    return;
  }
  say('Approve as ana? Type y and Enter. Or press Approve in Slack or in the console. Or from another terminal:');
  say(`  SALVOR_URL=${stage.url} SALVOR_TOKEN=${stage.token} npx salvor approve ${shortId(proposed.id)} --plan ${plan.slice(0, 8)}`);
  const decided = new AbortController();
  const otherwise = 'Not approved yet: type y, press Approve in Slack or in the console, or end the demo with Ctrl-C';
  const yesTyped = askYes(stdin, { say, otherwise, signal: decided.signal });
  for (;;) {
    stop.throwIfAborted();
    const isYes = await Promise.race([yesTyped, pause(LOOK_MS * 2).then(() => false)]);
    if (isYes) {
      await api.approve(proposed.id, plan);
      return;
    }
    if (((await api.run())?.state ?? 'proposed') !== 'proposed') {
      decided.abort();
      return;
    }
  }
}

function broken(run: RunView, io: Io): number {
  io.stderr(`The demo did not go as it should: the run ended ${run.state}, ${run.end ?? 'without a reason'}\n`);
  return 1;
}

function isOver(state: RunView['state']): boolean {
  return !['queued', 'diagnosing', 'waiting', 'proposed', 'executing', 'verifying', 'closing'].includes(state);
}

function summaryOf({ clocks }: RunView): string {
  const { detectMs, decideMs, actMs, proveMs, peopleMs } = clocks;
  return `Detect ${formatDuration(detectMs)}, decide ${formatDuration(decideMs)} (people ${formatDuration(peopleMs)}), act ${formatDuration(actMs)}, prove ${formatDuration(proveMs)}`;
}

function shortId(id: string): string {
  return id.replace(/^run\//, '').slice(0, 8);
}

/** A picture of a text, for a terminal. */
function framed(text: string): string {
  return text
    .split('\n')
    .map((line) => `  │ ${line}`.trimEnd())
    .join('\n');
}

function pause(delayMs: number): Promise<void> {
  return sleep(systemClock, delayMs);
}
