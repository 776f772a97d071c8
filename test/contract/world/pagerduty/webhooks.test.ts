import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { type OpenPagerDuty, openPagerDuty } from './open.ts';

type Came = {
  readonly body: string;
  readonly signature: string;
  readonly event: { readonly event_type: string; readonly data: JsonObject; readonly agent: JsonObject | null };
};

/** Somewhere that webhooks come to; `statuses` are answered one after another, the last for ever. */
async function listening(statuses: readonly (number | 'silence')[]): Promise<{ readonly url: string; readonly came: Came[] }> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      came.push({ body, signature: String(request.headers['x-pagerduty-signature']), event: (JSON.parse(body) as { event: Came['event'] }).event });
      const status = statuses[Math.min(came.length, statuses.length) - 1] ?? 202;
      if (status !== 'silence') response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, came };
}

/** Lets the virtual clock pass in small steps until what is on its way has arrived. */
async function settled({ pagerduty, clock }: OpenPagerDuty): Promise<void> {
  let quiet = false;
  void pagerduty.webhooks.quiet().then(() => (quiet = true));
  while (!quiet) {
    await clock.pass(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('every change of an incident is told once, signed with every secret, with who did it', async () => {
  const hook = await listening([202]);
  const open = await openPagerDuty({ webhooks: [{ url: hook.url, secrets: ['old', 'new'] }] });
  const { event, pagerduty } = open;
  await event('trigger', 'a');
  const ana = pagerduty.person('ana');
  ana.acknowledge();
  ana.acknowledge();
  pagerduty.timeOut();
  ana.note('seen');
  ana.escalate();
  ana.reassign('cleo');
  ana.prioritize('P1');
  ana.ask('ben', 'please');
  pagerduty.person('ben').accept();
  ana.publish('we are on it');
  ana.resolve();
  ana.reopen(1);
  await settled(open);
  expect(hook.came.map(({ event: { event_type } }) => event_type).toSorted()).toEqual(
    [
      'incident.triggered',
      'incident.acknowledged',
      'incident.unacknowledged',
      'incident.annotated',
      'incident.escalated',
      'incident.reassigned',
      'incident.priority_updated',
      'incident.responder.added',
      'incident.responder.replied',
      'incident.status_update_published',
      'incident.resolved',
      'incident.reopened',
    ].toSorted(),
  );
  for (const { body, signature } of hook.came)
    expect(signature).toBe(['old', 'new'].map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`).join(','));
  const of = (type: string) => hook.came.find(({ event: { event_type } }) => event_type === type)?.event;
  expect(of('incident.triggered')).toMatchObject({ agent: null, data: { incident_key: 'a', number: 1 } });
  expect(of('incident.acknowledged')).toMatchObject({ agent: { type: 'user_reference', summary: 'ana' } });
  // A note names its incident by the id alone.
  expect(of('incident.annotated')).toMatchObject({ data: { content: 'seen', incident: { type: 'incident_reference' } } });
  expect(JSON.stringify(of('incident.annotated'))).not.toContain('incident_key');
});

test('5xx and 429 are tried again, another 4xx is dropped, and three of those turn the subscription off', async () => {
  const hook = await listening([503, 429, 202, 400, 400, 400, 202]);
  const open = await openPagerDuty({ webhooks: [{ url: hook.url, secrets: ['s'] }] });
  const { event, pagerduty, ask } = open;
  await event('trigger', 'a');
  await settled(open);
  expect(pagerduty.webhooks.sent().map(({ status }) => status)).toEqual([503, 429, 202]);
  for (const key of ['b', 'c', 'd', 'e']) {
    await event('trigger', key);
    await settled(open);
  }
  expect(hook.came).toHaveLength(6);
  expect((await ask('GET', '/webhook_subscriptions')).body).toMatchObject({
    webhook_subscriptions: [{ active: false, delivery_method: { url: hook.url, temporarily_disabled: true } }],
  });
});

test('one that was answered can come again, the same to the byte', async () => {
  const hook = await listening([202]);
  const open = await openPagerDuty({ webhooks: [{ url: hook.url, secrets: ['s'] }] });
  await open.event('trigger', 'a');
  await settled(open);
  await open.pagerduty.webhooks.again(open.pagerduty.webhooks.sent()[0]?.id ?? '');
  expect(hook.came).toHaveLength(2);
  expect(hook.came[0]?.body).toBe(hook.came[1]?.body);
});
