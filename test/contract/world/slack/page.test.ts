import { expect, test } from 'vitest';
import { answering, type Heard } from './app.ts';
import { type Stage, stage } from './stage.ts';

const p = (text: string) => ({ type: 'plain_text', text });
const CARD = {
  channel: 'C0DR',
  text: 'Restore shop?',
  blocks: [
    { type: 'header', text: p('Restore <b>shop</b>?') },
    { type: 'section', text: { type: 'mrkdwn', text: '*Ask* <@U0BEN> or <https://example.com/x|read more> &lt;!channel&gt; `a &amp; b`' } },
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: 'approve', value: 'r:d', text: p('Approve') },
        {
          type: 'button',
          action_id: 'reject',
          value: 'r:d',
          text: p('Reject'),
          confirm: { title: p('Reject it?'), text: p('People are called.'), confirm: p('Reject'), deny: p('Back') },
        },
      ],
    },
  ],
};

const pageOf = async ({ served }: Stage, query: string): Promise<string> => (await fetch(`${served.url}/${query}`)).text();

async function send({ served }: Stage, what: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${served.url}/act/${what}`, {
    method: 'POST',
    body: new URLSearchParams({ as: 'ana', back: '?channel=dr&as=ana', ...fields }),
    headers,
    redirect: 'manual',
  });
}

test('what is text is shown as text, marks as what they mean, under a policy that lets nothing in', async () => {
  const on = await stage();
  await on.call('chat.postMessage', CARD);
  const response = await fetch(`${on.served.url}/?as=ana`);
  const page = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page).toContain('Restore &lt;b&gt;shop&lt;/b&gt;?');
  expect(page).toContain('<strong>Ask</strong> <span class="mention">@ben</span>');
  expect(page).toContain('<a href="https://example.com/x" rel="noreferrer noopener">read more</a> &lt;!channel&gt; <code>a &amp; b</code>');
  expect(page).not.toContain('<b>shop');
});

test('a press by form reaches the app as a press, and what asks first is asked first', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const { body } = await on.call('chat.postMessage', CARD);
  const ts = String(body['ts']);
  expect((await send(on, 'press', { ts, action: 'approve' })).status).toBe(303);
  expect(heard.at(-1)).toMatchObject({ type: 'block_actions', user: { id: 'U0ANA' }, actions: [{ action_id: 'approve', value: 'r:d' }] });

  const asked = await send(on, 'press', { ts, action: 'reject' });
  expect(heard).toHaveLength(1);
  const back = new URL(asked.headers.get('location') ?? '', asked.url);
  const question = await (await fetch(back)).text();
  expect(question).toContain('Reject it?');
  expect(question).toContain('People are called.');
  await send(on, 'press', { ts, action: 'reject', confirm: 'true' });
  expect(heard).toHaveLength(2);
});

test('what one person alone is told, nobody else sees', async () => {
  const on = await stage();
  await on.call('chat.postEphemeral', { channel: 'C0DR', user: 'U0ANA', text: 'You may not do that' });
  expect(await pageOf(on, '?as=ana')).toContain('You may not do that');
  expect(await pageOf(on, '?as=ben')).not.toContain('You may not do that');
});

test('a command that fails is said once, on the page of the one who typed it', async () => {
  const on = await stage();
  await send(on, 'say', { channel: 'C0DR', text: '/dr status' });
  expect(await pageOf(on, '?as=ben')).not.toContain('dispatch_failed');
  expect(await pageOf(on, '?as=ana')).toContain('/dr failed with the error &quot;dispatch_failed&quot;');
  expect(await pageOf(on, '?as=ana')).not.toContain('dispatch_failed');
});

test('a modal is filled by form; its errors stand at their fields', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard, async (payload) => {
    if (payload.type === 'view_submission') return { response_action: 'errors', errors: { typed: 'That is not the namespace.' } };
    const view = {
      type: 'modal',
      title: p('Sure?'),
      submit: p('Yes'),
      blocks: [{ type: 'input', block_id: 'typed', label: p('Namespace'), element: { type: 'plain_text_input', action_id: 'ns' } }],
    };
    await on.call('views.open', { trigger_id: payload.trigger_id, view });
    return undefined;
  });
  await on.call('chat.postMessage', CARD);
  await on.slack.user('ana').press({ action: 'approve' });
  expect(await pageOf(on, '?as=ana')).toContain('name="field:ns"');
  await send(on, 'submit', { in: 'modal', 'field:ns': 'shpo' });
  expect(heard.at(-1)).toMatchObject({ type: 'view_submission', view: { state: { values: { typed: { ns: { value: 'shpo' } } } } } });
  expect(await pageOf(on, '?as=ana')).toContain('That is not the namespace.');
  await send(on, 'close', {});
  expect(await pageOf(on, '?as=ana')).not.toContain('name="field:ns"');
});

test('a form from another site presses nothing', async () => {
  const on = await stage();
  const { body } = await on.call('chat.postMessage', CARD);
  expect((await send(on, 'press', { ts: String(body['ts']), action: 'approve' }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  const control = await fetch(`${on.served.url}/control/say`, {
    method: 'POST',
    body: '{"user":"ana","text":"hello"}',
    headers: { 'Sec-Fetch-Site': 'cross-site' },
  });
  expect(control.status).toBe(403);
  expect(on.slack.messages()).toHaveLength(1);
});

test('the page is told when something changes', async () => {
  const on = await stage();
  const stream = await fetch(`${on.served.url}/live`);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('retry');
  await on.call('chat.postMessage', CARD);
  expect((await reader?.read())?.value).toContain('event: changed');
  await reader?.cancel();
});

test('the control does what people do, strictly, and shows what is seen as text', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  await on.call('chat.postMessage', CARD);
  const control = async (name: string, body: object): Promise<unknown> =>
    (await fetch(`${on.served.url}/control/${name}`, { method: 'POST', body: JSON.stringify(body) })).json();
  expect(await control('press', { user: 'ana', action: 'Approve' })).toMatchObject({ acknowledged: true });
  expect(await control('press', { user: 'ana', acton: 'Approve' })).toMatchObject({ error: expect.stringContaining('acton') });
  expect(await control('fault', { give: 'refuse', error: 'fatal_error', times: 1 })).toEqual({ done: true });
  expect((await on.call('auth.test')).body.error).toBe('fatal_error');
  const text = await (await fetch(`${on.served.url}/control/text?channel=dr`)).json();
  expect(text).toEqual({
    text: expect.stringMatching(
      /^Salvor {2}\d\d:\d\d\n {2}# Restore <b>shop<\/b>\?\n {2}Ask @ben or read more \(https:\/\/example.com\/x\) <!channel> a & b\n {2}\[Approve\] \[Reject\]$/,
    ),
  });
});
