import { expect, test } from 'vitest';
import { PlaybookFile } from '../../../src/model/playbook.ts';
import { report } from '../../../src/notify/report.ts';
import { reportData } from '../../../src/notify/report-data.ts';
import { reportSvg } from '../../../src/notify/report-svg.ts';
import { at, incident, journal, run, source, timeline } from './story.ts';

const playbook = {
  ...PlaybookFile.parse({ summary: 'A node stopped reporting', objective: { rto: '15m', rpo: '30m' }, target: { from: 'params.node' } }),
  id: 'node-not-ready',
  text: '',
  digest: 'd',
};
const full = { ...source, runs: [{ run, journal, playbook }] };

test('the measured times stand beside the objectives', () => {
  expect(reportData(full).runs[0]).toMatchObject({
    rto: { measuredMs: 600_000, objectiveMs: 900_000, met: true, machineMs: 360_000 },
    rpo: { measuredMs: 3_600_000, objectiveMs: 1_800_000, met: false },
  });
});

test('plan, approvals and evidence are told with the words of the journal', () => {
  const [told] = reportData(full).runs;
  expect(told?.steps[0]?.diff).toEqual(['patch Node/w1 spec.unschedulable: false → true']);
  expect(told?.approvals.map(({ text, plan }) => `${text} ${plan ?? ''}`)).toEqual(['ana: approves, by slack 3f9a01c2', 'approved by ana 3f9a01c2']);
  expect(told?.evidence.map(({ text }) => text)).toEqual(['w1 is NotReady since 03:00', 'unschedulable at 4711']);
});

test('everybody who decided or said something is named once', () => {
  expect(reportData(full).people).toEqual(['ana', 'ben']);
});

test('what is not known is a gap for people, not a zero', () => {
  const { measured: _measured, ...rest } = run;
  const data = reportData({ ...source, incident: { ...incident, runs: [run.id, 'run/gone-1'] }, runs: [{ run: { ...rest, measured: {} }, journal: [] }] });
  expect(data.gaps).toEqual([
    'a-1: nothing was verified, so its RTO is not measured',
    'a-1: no recovery point was measured',
    '1 of 2 runs are no longer stored',
  ]);
  expect(report({ ...source, runs: [{ run, journal: [] }] }, 'md')).toContain('| RTO | not measured |');
});

test('behind the end people are asked what the numbers ask, with room for who and until when', () => {
  expect(reportData(full).actions).toEqual([
    'a-1: people were waited for longest, 4m: who could decide sooner',
    'a-1: RPO missed by 30m: what makes backups more often',
    'Somebody was paged once: what would have told them earlier, or not at night',
    'What caused it, and what keeps it from happening again',
    'Who was affected, from when to when, and who told them',
  ]);
  const slow = reportData({ ...full, runs: [{ run, journal, playbook: { ...playbook, objective: { rto: 300_000 } } }] });
  expect(slow.actions[0]).toBe('a-1: RTO missed by 5m, most of it waiting for people, 4m: what makes it shorter');
  const gone = reportData({ ...full, runs: [{ run: { ...run, state: 'handed-over' }, journal, playbook }] });
  expect(gone.actions[0]).toBe('a-1 ended handed-over (Every stage is verified): what was done by hand, and what is left');
  expect(report(full, 'md')).toContain('| What caused it, and what keeps it from happening again |  |  |');
  expect(report(full, 'html')).toContain('<td>What caused it, and what keeps it from happening again</td><td></td><td></td>');
});

test('what is not over yet asks nobody to look back', () => {
  expect(reportData({ ...full, incident: { ...incident, state: 'open' } }).actions).toEqual([]);
});

test('the summary of an open incident says what is left', () => {
  const { closedMs: _closedMs, closedBecause: _because, ...open } = incident;
  expect(reportData({ ...source, incident: { ...open, state: 'open', firing: ['episode/1'], openRuns: [] } }).summary).toBe(
    'Still open: 1 firing, 0 of 1 runs open, 1 ended well',
  );
});

test.each(['md', 'html', 'json'] as const)('the same journals give the same report, to the byte (%s)', (format) => {
  expect(report(full, format)).toBe(report(structuredClone(full), format));
  expect(report(full, format).length).toBeGreaterThan(500);
});

test('the order in which runs are read does not matter', () => {
  const later = { run: { ...run, id: 'run/b-1', createdMs: run.createdMs + 5 }, journal };
  expect(report({ ...full, runs: [later, ...full.runs] }, 'html')).toBe(report({ ...full, runs: [...full.runs, later] }, 'html'));
});

test('JSON is the data itself', () => {
  expect(JSON.parse(report(full, 'json'))).toEqual(JSON.parse(JSON.stringify(reportData(full))));
});

test('Markdown has the clocks, the plan, the approvals, the timeline', () => {
  const text = report(full, 'md');
  expect(text).toContain('# SEV2 KubeNodeNotReady on prod');
  expect(text).toContain('| Waiting for people | 4m, 27% of the RTO objective |');
  expect(text).toContain('| RTO | 10m | 15m | met |');
  expect(text).toContain('| RPO | 1h | 30m | missed |');
  expect(text).toContain('spec.unschedulable: false → true');
  expect(text).toContain('- 2026-11-21 03:05:00 UTC Approved 3f9a01c2 by ana');
});

const hostile = {
  ...full,
  incident: { ...incident, title: '<script>alert(1)</script> [x](javascript:1)', closedBecause: '"><img src=x onerror=alert(1)>' },
  timeline: timeline.map((line) => ({ ...line, data: { ...line.data, text: '</style><script>alert(2)</script>' } })),
  runs: [{ run: { ...run, target: "w1' onload='x" }, journal, playbook: { ...playbook, summary: '<b>x</b>' } }],
};

test('nothing from outside becomes a tag, a script or a link', () => {
  const page = report(hostile, 'html');
  expect(page).not.toMatch(/<script|<img|<b>|onload='/i);
  expect(page.match(/<style>/g)).toHaveLength(2);
  const text = report(hostile, 'md');
  expect(text).not.toContain('<script');
  expect(text).not.toContain('[x](');
});

test('the page needs nothing from elsewhere', () => {
  const page = report(full, 'html').replace('xmlns="http://www.w3.org/2000/svg"', '');
  expect(page).not.toMatch(/https?:|src=|href=|url\(|@import/);
  expect(page).toContain("default-src 'none'");
  expect(page).toContain('prefers-color-scheme:dark');
});

test('the picture shows each stretch at its place, 900 wide', () => {
  const svg = reportSvg(reportData(full));
  expect(svg).toContain('viewBox="0 0 900 ');
  expect(svg.match(/<rect class="(detect|decide|people|act|prove|cleanup)" x="[\d.]+" y="54"/g)).toHaveLength(6);
  // 210 to 884 stand for the 640 s from the alert to the close; people are waited for from 60 s to 300 s.
  expect(svg).toContain(
    `<rect class="people" x="${(210 + (674 * 60) / 640).toFixed(1)}" y="54" width="${(Number((210 + (674 * 300) / 640).toFixed(1)) - Number((210 + (674 * 60) / 640).toFixed(1))).toFixed(1)}"`,
  );
  expect(svg).toContain('<title>2026-11-21 03:04:10 UTC paged: paged platform-primary: nobody decided</title>');
});

test('no number in the picture is broken, also for an incident without runs or time', () => {
  for (const data of [
    reportData(full),
    reportData({ ...source, runs: [], timeline: [] }),
    reportData({ ...source, runs: [], timeline: [], nowMs: incident.openedMs }),
  ]) {
    expect(reportSvg(data)).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('of very many runs the first are drawn and the rest counted', () => {
  const runs = Array.from({ length: 45 }, (_, index) => ({ run: { ...run, id: `run/${index}-1`, createdMs: at(30) + index }, journal }));
  expect(reportSvg(reportData({ ...source, runs }))).toContain('and 5 runs more');
});
