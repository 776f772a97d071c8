import { plain } from '../domain/plain.ts';
import { PHASES } from '../model/clocks.ts';
import { formatDuration } from '../model/duration.ts';
import { formatTime } from '../model/time.ts';
import { PHASE_NAMES as NAMES } from './clocks.ts';
import { escapeHtml as esc } from './escape.ts';
import type { Report, RunReport } from './report-data.ts';

const WIDTH = 900;
const LEFT = 210;
const RIGHT = 16;
const TOP = 54;
const ROW = 34;
const BAR = 16;
const MARKS = 26;
const MOST_ROWS = 40;
const MOST_TICKS = 7;

/** Lines of the timeline that get a mark of their own. */
const MARKED: ReadonlyMap<string, string> = new Map([
  ['approval.granted', 'approved'],
  ['approval.rejected', 'rejected'],
  ['escalation.paged', 'paged'],
  ['incident.mitigated', 'mitigated'],
  ['incident.closed', 'closed'],
]);
const STEPS_MS = [1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 2592e6, 31536e6] as const;

/** Colours that keep apart for most eyes, on light and on dark; each stretch carries its name as a title as well. */
const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#24292f}.axis{stroke:#d0d7de}.mark{stroke:#24292f;fill:#fff}.back{fill:#fff}.small{font-size:11px}',
  '.detect{fill:#8250df}.decide{fill:#0969da}.act{fill:#1a7f37}.prove{fill:#0e8a8a}.people{fill:#d4a72c}.cleanup{fill:#8c959f}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.axis{stroke:#3d444d}.mark{stroke:#e6edf3;fill:#0d1117}.back{fill:#0d1117}',
  '.detect{fill:#b083f0}.decide{fill:#539bf5}.act{fill:#57ab5a}.prove{fill:#39c5cf}.people{fill:#e3b341}.cleanup{fill:#768390}}',
].join('');

/** Where the time of an incident's runs went, as a picture 900 wide. No script, nothing from elsewhere, the same for the same report. */
export function reportSvg(report: Report): string {
  const rows = report.runs.slice(0, MOST_ROWS);
  const [fromMs, toMs] = spanOf(report, rows);
  const height = TOP + rows.length * ROW + MARKS + 30;
  const x = (atMs: number): string => (LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const bottom = TOP + rows.length * ROW + MARKS;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Where the time went">`,
    `<style>${STYLE}</style><rect class="back" width="${WIDTH}" height="${height}"/>`,
    legend(),
    ...ticks(fromMs, toMs).map(
      (atMs) =>
        `<line class="axis" x1="${x(atMs)}" y1="${TOP - 8}" x2="${x(atMs)}" y2="${bottom}"/><text class="small" x="${x(atMs)}" y="${bottom + 16}" text-anchor="middle">+${esc(formatDuration(atMs - fromMs))}</text>`,
    ),
    ...rows.map((run, index) => bar(run, TOP + index * ROW, x)),
    ...marks(report, bottom - MARKS / 2, x),
    report.runs.length > rows.length ? `<text class="small" x="8" y="${bottom}">and ${report.runs.length - rows.length} runs more</text>` : '',
    '</svg>',
  ].join('\n');
}

/** One run: its name, and its stretches in their colours. A stretch is at least one pixel wide, so none is lost. */
function bar(run: RunReport, top: number, x: (atMs: number) => string): string {
  const stretches = run.stretches.map(({ phase, fromMs, toMs }) => {
    const width = Math.max(1, Number(x(toMs)) - Number(x(fromMs))).toFixed(1);
    return `<rect class="${phase}" x="${x(fromMs)}" y="${top}" width="${width}" height="${BAR}"><title>${esc(`${NAMES[phase]}: ${formatDuration(toMs - fromMs)}`)}</title></rect>`;
  });
  const name = plain(`${run.playbook} ${run.target}`, 30);
  return `<text x="8" y="${top + 12}">${esc(name)}<title>${esc(run.id)}</title></text><text class="small" x="8" y="${top + 26}">${esc(run.state)}</text>${stretches.join('')}`;
}

function legend(): string {
  let left = 8;
  return PHASES.map((phase) => {
    const at = left;
    left += 34 + NAMES[phase].length * 7;
    return `<rect class="${phase}" x="${at}" y="12" width="12" height="12"/><text x="${at + 17}" y="22">${NAMES[phase]}</text>`;
  }).join('');
}

/** Decisions, pages and the end, below the bars; what they are is in their titles. */
function marks({ timeline }: Report, middle: number, x: (atMs: number) => string): readonly string[] {
  return timeline.flatMap((line) => {
    const name = MARKED.get(line.type);
    if (name === undefined) return [];
    return [`<circle class="mark" cx="${x(line.atMs)}" cy="${middle}" r="5"><title>${esc(`${formatTime(line.atMs)} ${name}: ${line.text}`)}</title></circle>`];
  });
}

/** From the first stretch or line to the last; never empty. */
function spanOf({ incident, timeline, generatedMs }: Report, rows: readonly RunReport[]): readonly [number, number] {
  const times = [
    ...rows.flatMap(({ stretches }) => stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs])),
    ...timeline.map(({ atMs }) => atMs),
    incident.openedMs,
  ];
  const fromMs = times.reduce((least, atMs) => Math.min(least, atMs), generatedMs);
  return [
    fromMs,
    Math.max(
      fromMs + 1000,
      times.reduce((most, atMs) => Math.max(most, atMs), fromMs),
    ),
  ];
}

function ticks(fromMs: number, toMs: number): readonly number[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= MOST_TICKS) ?? (toMs - fromMs) / MOST_TICKS;
  return Array.from({ length: Math.floor((toMs - fromMs) / stepMs) + 1 }, (_, index) => fromMs + index * stepMs);
}
