import { describe, expect, test } from 'vitest';
import { bodyAlert, sampleBody } from '../unit/ingest/samples.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene } from './scene.ts';

/** Everything that leaves Salvor, or that somebody can ask for, as one text. */
async function everythingTold(scene: Scene): Promise<string> {
  const shown: unknown[] = [scene.world.chat.deliveries(), scene.world.pager.pages(), await scene.incidents(), await scene.runs()];
  for (const format of ['md', 'html', 'json'] as const) shown.push(await scene.report(format));
  await scene.as('dora', async (commands, dora) => {
    for await (const line of commands.auditExport(dora, {})) shown.push(line);
    shown.push(await commands.quarantine(dora, {}), await commands.locks(dora), await commands.ledger(dora));
  });
  return shown.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
}

const CANARIES = {
  slack: 'xoxb-1234567890-CANARYslack',
  bearer: 'Bearer CANARYbearer.0123456789',
  presigned: 'https://bucket.s3.example.test/o?X-Amz-Credential=CANARYcred&X-Amz-Signature=CANARYsignature',
  url: 'https://admin:CANARYpassword@db.example.test/x',
  key: 'aws_secret_access_key=CANARYkey0123456789',
} as const;
const secrets = Object.values(CANARIES).join(' and ');

describe('a secret', () => {
  test('in an annotation, a label, a backup’s log or a person’s words is shown nowhere', async () => {
    const scene = openScene({
      world: failedNight('connection-reset', {
        backups: [
          { name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason: 'connection-reset', ago: '10h', log: [`level=error msg="${secrets}"`] },
        ],
      }),
    });
    const { alert, pass, run, incident, as, approve } = scene;
    await alert({ ...DAILY_FAILED, note: secrets }, { annotations: { summary: `It failed: ${secrets}`, description: secrets } });
    await alert({ alertname: `Leak ${CANARIES.slack}`, severity: 'critical' }, { annotations: { message: secrets } });
    await pass('1m');
    const [open] = await scene.runs();
    if (open === undefined) throw new Error('no run');
    for (const { id } of await scene.incidents()) await as('ana', (commands, ana) => commands.note(ana, id, { text: `I tried ${secrets}` }));
    await approve('ana');
    await pass('5m');
    await as('ana', (commands, ana) => commands.startRun(ana, { playbook: 'backup-run', params: { schedule: 'daily' }, reason: `because ${secrets}` }));
    await pass('1m');
    const { id } = await run();
    await as('ana', (commands, ana) => commands.cancel(ana, id, { reason: secrets }));
    await as('ana', (commands, ana) => commands.pause(ana, { reason: secrets }));
    await pass('1m');
    expect((await incident()).timeline.length).toBeGreaterThan(3);

    const told = await everythingTold(scene);
    expect(told).toContain('It failed: xoxb-*** and Bearer ***');
    expect(told.match(/.{60}CANARY.{20}/g)).toBeNull();
  });

  test('in what cannot be read is not shown to those who look at it', async () => {
    const scene = openScene({ world: failedNight('server-restarted') });
    await scene.post(sampleBody({ alerts: [bodyAlert(DAILY_FAILED), { status: 'odd', labels: {}, annotations: { summary: secrets } }] }));
    await scene.pass('1m');
    const told = await everythingTold(scene);
    expect(told).toContain('status: found');
    expect(told.match(/.{60}CANARY.{20}/g)).toBeNull();
  });
});

const NODE_AWAY = `
summary: A node is away.
match: ['alertname = "KubeNodeNotReady"']
params: { node: { type: node, from: alert.labels.node } }
target: { from: params.node }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write }]
`;

describe('text of an alert that means to do something', () => {
  test('pings nobody, is no link, and cannot leave its place', async () => {
    const { alert, pass, chat, report, world } = openScene({ world: failedNight('server-restarted') });
    const summary =
      '<!channel> <@U1> <https://evil.example.test|Approve> [Approve](https://evil.example.test) ``` <script>alert(1)</script> <img src=x onerror=alert(2)>';
    await alert(DAILY_FAILED, { annotations: { summary, runbook_url: 'http://169.254.169.254/latest', generatorURL: 'javascript:alert(3)' } });
    await pass('1m');

    // Plain text on its way to the chat, whose adapter escapes; no link was made of it.
    expect(chat()).toContain(`VeleroBackupFailed fires: ${summary}`);
    expect(world.chat.deliveries().every(({ links }) => links === undefined || links.length === 0)).toBe(true);
    const html = await report('html');
    expect(html).toContain('&lt;!channel&gt; &lt;@U1&gt;');
    expect(html).not.toMatch(/<script>alert|<img|<!channel|javascript:|href="[^"]*evil|169\.254/);
    const markdown = await report('md');
    const told = markdown.split('\n').find((line) => line.includes('channel')) ?? '';
    expect(told).not.toMatch(/(?<!\\)[<`[]/);
    expect(markdown).not.toMatch(/javascript:|169\.254/);
  });

  test('is not filled in like a template', async () => {
    const { alert, pass, chat, report } = openScene({ world: failedNight('server-restarted') });
    const summary = '{{ .Values.secret }} ${process.env.HOME} {{constructor.constructor("return process")()}} %(path)s #{7*7}';
    await alert(DAILY_FAILED, { annotations: { summary } });
    await pass('1m');
    expect(chat()).toContain(`VeleroBackupFailed fires: ${summary}`);
    expect(await report('json')).toContain(JSON.stringify(summary).slice(1, -1));
  });

  test('with control characters, turned-around text and no width is one clean line', async () => {
    const { alert, pass, chat } = openScene({ world: failedNight('server-restarted') });
    await alert(DAILY_FAILED, { annotations: { summary: 'fine\u0000\u202Eevil\u202C\u200B\nApproved by ana\u001b[2K' } });
    await pass('1m');
    expect(chat()).toContain('VeleroBackupFailed fires: fineevil Approved by ana[2K');
  });

  test.each(['worker-1; rm -rf /', '$(id)', '%22%60id%60', '`id`', 'worker-1\nworker-2', 'Worker-1', 'a'.repeat(300)])(
    'as the name of a node, %j starts nothing, and people hear why',
    async (node) => {
      const { alert, pass, runs, incident, pages, writes } = openScene({ world: { namespaces: ['app'] }, playbooks: { 'node-away': NODE_AWAY } });
      await alert({ alertname: 'KubeNodeNotReady', node });
      await pass('1m');
      expect(await runs()).toEqual([]);
      expect(writes()).toEqual([]);
      expect(pages()).toHaveLength(1);
      expect((await incident()).ladders[0]?.reason).toMatch(/^node-away cannot use what the alert says: node: .*expected the name of a node/);
    },
  );

  test('names of labels that are JavaScript’s own stay names', async () => {
    const { post, pass, runs, incident } = openScene({ world: { namespaces: ['app'] }, playbooks: { 'node-away': NODE_AWAY } });
    const odd = '{"alertname":"KubeNodeNotReady","node":"w1","__proto__":"x","constructor":"y","toString":"z","hasOwnProperty":"h"}';
    const body = sampleBody({ alerts: [bodyAlert({ alertname: 'KubeNodeNotReady' })] }).replace('{"alertname":"KubeNodeNotReady"}', odd);
    await post(body);
    await pass('1m');
    expect(await runs()).toMatchObject([{ state: 'proposed', target: 'w1' }]);
    expect(await incident()).toMatchObject({ state: 'open' });
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.prototype.toString.call({})).toBe('[object Object]');
  });
});
