import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { RunPage, RunView } from '../../../src/port/view/run.ts';
import { until } from '../../e2e/stage/until.ts';
import { stage as slackStage } from '../world/slack/stage.ts';
import { DAILY, openSite, type Serving, type Site, serveApart, serveHere, untilRun } from './site.ts';

const LONG = { timeout: 120_000 };

/** The site with Slack, in Socket Mode, at this address. */
async function siteWith(apiUrl: string, more = ''): Promise<Site> {
  const site = await openSite();
  site.write('bot.token', 'xoxb-1-simulated\n');
  site.write('app.token', 'xapp-1-simulated\n');
  const slack = `slack: { mode: socket, botToken: { file: ./bot.token }, appToken: { file: ./app.token }, channel: '#dr', apiUrl: ${apiUrl} }`;
  site.write('salvor.yaml', `${site.text.replace('{ name: ana,', '{ name: ana, slack: U0ANA,')}${slack}\n${more}`);
  return site;
}

/** What happens to an alert while people are away in Slack: it is taken in, and proposed. */
async function takesAlerts(serving: Serving): Promise<void> {
  expect((await serving.alert(DAILY)).status).toBe(200);
  await untilRun(serving, 'proposed');
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
}

test('a press in Slack carries out what an alert proposed', LONG, async () => {
  const { slack, served, call } = await slackStage({ rateLimits: false });
  const serving = await serveHere(await siteWith(served.apiUrl));
  await until('it is connected', () => slack.sockets.count() > 0);
  await takesAlerts(serving);
  const { items } = RunPage.parse((await serving.get('/api/v1/runs')).json);
  const { id = '', digest = '' } = items[0] ?? {};
  const button = { type: 'button', action_id: 'approve', value: `${id}:${digest}`, text: { type: 'plain_text', text: 'Approve' } };
  const { body } = await call('chat.postMessage', { channel: 'C0DR', text: 'a proposal', blocks: [{ type: 'actions', elements: [button] }] });
  expect(body).toMatchObject({ ok: true });
  const ana = slack.user('ana');
  const pressed = await ana.press({ text: 'a proposal', action: 'approve' });
  expect(pressed).toMatchObject({ acknowledged: true });
  expect(pressed.afterMs).toBeLessThan(3000);
  await until('the answer', () => ana.sees().find(({ onlyFor, text }) => onlyFor !== undefined && text.startsWith('Approved')));
  const run = await until('it goes on', async () => {
    const view = RunView.parse((await serving.get(`/api/v1/runs/${encodeURIComponent(id)}`)).json);
    return view.state === 'proposed' ? undefined : view;
  });
  expect(run.journal.find(({ type }) => type === 'approval.vote')?.data).toMatchObject({ by: 'ana', surface: 'slack' });
});

test('Slack that was not configured, and another token, count by a reload', LONG, async () => {
  const { slack, served } = await slackStage({ rateLimits: false, app: { appToken: 'xapp-2-simulated' } });
  const site = await siteWith(served.apiUrl);
  const text = `${site.text}slack: { mode: socket, botToken: { file: ./bot.token }, appToken: { file: ./app.token }, channel: '#dr', apiUrl: ${served.apiUrl} }\n`;
  site.write('salvor.yaml', site.text);
  const serving = await serveHere(site);
  expect(slack.calls()).toEqual([]);
  site.write('salvor.yaml', text);
  await until('the token is refused', () => serving.log().some((line) => line.includes('"slack.away"') && line.includes('invalid_auth')));
  site.write('app.token', 'xapp-2-simulated\n');
  await until('the new one counts', () => slack.sockets.count() === 1);
  expect(serving.log().join('\n')).not.toContain('-simulated');
});

test('the server starts, takes alerts and ends while nobody answers at Slack’s address', LONG, async () => {
  const gone = createTcp();
  const apiUrl = await listen(gone);
  gone.close();
  const serving = await serveApart(await siteWith(apiUrl));
  await until('it says so', () => serving.log().some((line) => line.includes('"slack.away"')));
  await takesAlerts(serving);
  serving.program.signal('SIGTERM');
  expect(await serving.program.ended).toMatchObject({ code: 0 });
});

test('the server starts, takes alerts and ends while Slack hangs', LONG, async () => {
  // It takes connections, and says nothing.
  const silent = createTcp((socket) => onTestFinished(() => void socket.destroy()));
  const serving = await serveApart(await siteWith(await listen(silent)));
  await takesAlerts(serving);
  serving.program.signal('SIGTERM');
  expect(await serving.program.ended).toMatchObject({ code: 0 });
});

test('a frame that is not as it should be ends one connection, and never the server', LONG, async () => {
  const frames = ['{"type":"events_api","envelope_id":"1"}', 'null', '{"type":"error","envelope_id":"2"}'];
  let links = 0;
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on('connection', (socket) => {
    links += 1;
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } }));
    const frame = frames[links - 1];
    if (frame !== undefined) socket.send(frame);
  });
  const server = createHttp((request, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader('content-type', 'application/json');
    const isOpen = request.url?.endsWith('apps.connections.open') === true;
    response.end(JSON.stringify(isOpen ? { ok: true, url: `ws://127.0.0.1:${port}/link` } : { ok: false, error: 'invalid_auth' }));
  });
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, (link) => sockets.emit('connection', link, request)));
  onTestFinished(() => {
    for (const link of sockets.clients) link.terminate();
  });
  const serving = await serveApart(await siteWith(await listen(server)));
  await until('the first connection', () => links > 0);
  await until('it comes back', () => links >= 2 || serving.log().filter((line) => line.includes('"slack.connected"')).length >= 2);
  await takesAlerts(serving);
  expect(serving.program.isRunning()).toBe(true);
  serving.program.signal('SIGTERM');
  expect(await serving.program.ended).toMatchObject({ code: 0 });
});
