import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { virtualClock } from '../../../../src/world/clock.ts';
import { seededIds } from '../../../../src/world/ids.ts';
import { serveSlack } from '../../../../src/world/slack/http.ts';
import { simulatedSlack } from '../../../../src/world/slack/slack.ts';
import { APP, call, type Stage, stage } from './stage.ts';

type Frame = {
  readonly type: string;
  readonly envelope_id?: string;
  readonly num_connections?: number;
  readonly retry_attempt?: number;
  readonly reason?: string;
};

/** A client of Socket Mode that acknowledges nothing by itself. */
async function link(url: string): Promise<{ socket: WebSocket; frames: Frame[]; next: (type: string) => Promise<Frame> }> {
  const socket = new WebSocket(url);
  const frames: Frame[] = [];
  const waiting: { type: string; give: (frame: Frame) => void }[] = [];
  socket.on('message', (data: Buffer) => {
    const frame: Frame = JSON.parse(data.toString());
    const at = waiting.findIndex(({ type }) => type === frame.type);
    if (at >= 0) waiting.splice(at, 1)[0]?.give(frame);
    else frames.push(frame);
  });
  onTestFinished(() => socket.terminate());
  const next = (type: string): Promise<Frame> => {
    const at = frames.findIndex((frame) => frame.type === type);
    const [found] = at >= 0 ? frames.splice(at, 1) : [];
    return found === undefined ? new Promise((give) => void waiting.push({ type, give })) : Promise.resolve(found);
  };
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return { socket, frames, next };
}

async function opened(on: Pick<Stage, 'served'>): Promise<string> {
  const { body } = await call(`${on.served.apiUrl}apps.connections.open`, {}, APP);
  return String(body['url']);
}

test('a ticket is good once, and the hello says how many sockets there are', async () => {
  const on = await stage();
  const url = await opened(on);
  const first = await link(url);
  expect(await first.next('hello')).toMatchObject({ num_connections: 1 });
  await expect(link(url)).rejects.toThrow('401');
  const second = await link(await opened(on));
  expect(await second.next('hello')).toMatchObject({ num_connections: 2 });
});

test('each envelope goes to one socket, in turn', async () => {
  const on = await stage();
  const links = [await link(await opened(on)), await link(await opened(on))];
  for (const { socket } of links) socket.on('message', (data: Buffer) => socket.send(JSON.stringify({ envelope_id: JSON.parse(data.toString()).envelope_id })));
  const ana = on.slack.user('ana');
  for (let count = 0; count < 4; count += 1) expect(await ana.type('/dr status')).toMatchObject({ acknowledged: true });
  expect(links.map(({ frames }) => frames.filter(({ type }) => type === 'slash_commands').length)).toEqual([2, 2]);
});

test('an eleventh socket is refused', async () => {
  const on = await stage();
  for (let count = 0; count < 10; count += 1) await link(await opened(on));
  await expect(link(await opened(on))).rejects.toThrow('429');
});

test('what is not acknowledged within 3 s is an error for the person; an event comes again', async () => {
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('socket') });
  const served = await serveSlack(slack);
  onTestFinished(() => served.close());
  const one = await link(await opened({ served }));
  const ana = slack.user('ana');

  const typed = ana.type('/dr status');
  await one.next('slash_commands');
  await clock.pass(2999);
  await clock.pass(1);
  expect(await typed).toEqual({ acknowledged: false, afterMs: 3000, error: '/dr failed with the error "operation_timeout"' });

  const home = ana.openHome();
  expect(await one.next('events_api')).not.toHaveProperty('retry_attempt');
  await clock.pass(3000);
  await home;
  const again = await one.next('events_api');
  expect(again).toMatchObject({ retry_attempt: 1 });
  one.socket.send(JSON.stringify({ envelope_id: again.envelope_id }));
});

test('a link that drops loses what it carried; with no link at all the person is told at once', async () => {
  const on = await stage();
  const one = await link(await opened(on));
  const ana = on.slack.user('ana');
  const typed = ana.type('/dr status');
  await one.next('slash_commands');
  on.slack.sockets.cut();
  expect(await typed).toMatchObject({ acknowledged: false, error: '/dr failed with the error "dispatch_failed"' });
  expect(await ana.type('/dr status')).toMatchObject({ acknowledged: false, afterMs: 0 });
});

test('a warning leaves the socket open, a refresh closes it', async () => {
  const on = await stage();
  const one = await link(await opened(on));
  on.slack.sockets.disconnect('warning');
  expect(await one.next('disconnect')).toMatchObject({ reason: 'warning' });
  expect(on.slack.sockets.count()).toBe(1);
  on.slack.sockets.disconnect('refresh_requested');
  expect(await one.next('disconnect')).toMatchObject({ reason: 'refresh_requested' });
  await on.slack.until('the end', () => on.slack.sockets.count() === 0);
});

test('sockets that flap are cut again and again, until that ends', async () => {
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('flap') });
  const served = await serveSlack(slack);
  onTestFinished(() => served.close());
  await link(await opened({ served }));
  const stop = slack.sockets.flap(1000);
  await slack.until('the first cut', () => slack.sockets.count() === 0);
  await link(await opened({ served }));
  await clock.pass(1000);
  await slack.until('the second cut', () => slack.sockets.count() === 0);
  stop();
  await link(await opened({ served }));
  await clock.pass(5000);
  expect(slack.sockets.count()).toBe(1);
});
