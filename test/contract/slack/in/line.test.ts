import { describe, expect, test } from 'vitest';
import { SalvorError } from '../../../../src/model/error.ts';
import { line } from '../../api/site.ts';
import { openStage, typedRun } from './stage.ts';

describe.each(['socket', 'http'] as const)('/dr in %s mode', (mode) => {
  test('alone says what waits for a decision, to the one who typed it', async () => {
    const stage = await openStage({ mode });
    const ana = stage.slack.user('ana');
    expect((await ana.type('/dr')).said).toBe('Nothing waits for a decision, and no incident is open.');
    const { name } = await stage.propose();
    const { said = '', afterMs } = await ana.type('/dr');
    expect(said.split('\n')[0]).toBe('1 decision waits, 1 for you; 1 incident is open');
    expect(said).toContain(`/dr approve ${name} d1d1d1d1`);
    expect((await stage.slack.user('cleo').type('/dr')).said?.split('\n')[0]).toBe('1 decision waits, 0 for you; 1 incident is open');
    expect(said).toContain(`*node-isolate on w1* (\`${name}\`) waits for a decision`);
    expect(afterMs).toBeLessThan(3000);
    expect(
      stage.slack
        .user('ben')
        .sees()
        .map(({ text }) => text),
    ).toEqual(['a proposal']);
  });

  test('approves by the run and the plan that somebody typed', async () => {
    const stage = await openStage({ mode });
    const { run, name } = await stage.propose();
    expect((await stage.slack.user('ana').type(`/dr approve ${name} d1d1d1d1`)).said).toMatch(/^Your approval is recorded: /);
    expect((await stage.run(run.id)).approvals).toMatchObject([{ by: 'ana', surface: 'slack' }]);
  });
});

describe('what is typed', () => {
  test('a word that must be typed comes behind the plan', async () => {
    const stage = await openStage();
    const { run, name } = await stage.propose(typedRun('w1'));
    const ana = stage.slack.user('ana');
    expect((await ana.type(`/dr approve ${name} d1d1d1d1`)).said).toMatch(/^Not approved: this cannot be taken back. Type w1 to go on/);
    expect((await ana.type(`/dr approve ${name} d1d1d1d1 w1`)).said).toMatch(/^Approved: /);
    expect((await stage.run(run.id)).approvals).toHaveLength(1);
  });

  test('show has the plan, and the lines that decide about it', async () => {
    const stage = await openStage();
    const { name } = await stage.propose();
    const { said = '' } = await stage.slack.user('dan').type(`/dr show ${name}`);
    expect(said).toContain('~ patch Node/w1 spec.unschedulable: false -&gt; true');
    expect(said).toContain(`/dr approve ${name} d1d1d1d1`);
    expect(said).toContain(`/dr reject ${name} why not`);
    expect((await stage.slack.user('dan').type(`/dr status ${name}`)).said).toBe(said);
  });

  test('a plan that changed is named, with what to look at', async () => {
    const stage = await openStage();
    const { name } = await stage.propose();
    expect((await stage.slack.user('ana').type(`/dr approve ${name} e2e2e2e2`)).said).toContain(`Look again: \`/dr show ${name}\``);
  });

  test('what is missing is said, with an example', async () => {
    const stage = await openStage();
    expect((await stage.slack.user('ana').type('/dr approve 3f9a01c2')).said).toBe(
      'Not approved: plan is missing: the digest of the plan that you looked at, or its first 8 characters\nFor example: `/dr approve 3f9a01c2 d1d1d1d1` or `/dr approve 3f9a01c2 d1d1d1d1 daily`. Look at it first: `/dr show RUN`',
    );
  });

  test.each(['aprove 3f9a01c2 d1d1d1d1', 'аpprove 3f9a01c2 d1d1d1d1', 'aρprove 3f9a01c2 d1d1d1d1', 'app\u200brove 3f9a01c2 d1d1d1d1'])(
    'a word that only looks like one does nothing: %s',
    async (typed) => {
      const stage = await openStage();
      const { run, name } = await stage.propose();
      const { said } = await stage.slack.user('ana').type(`/dr ${typed.replace('3f9a01c2', name)}`);
      expect(said).toMatch(/^Not done: there is no .* Did you mean `\/dr approve`\?\nNothing was started/);
      expect((await stage.run(run.id)).approvals).toEqual([]);
    },
  );

  test('pause takes a time and a reason, resume ends it', async () => {
    const stage = await openStage();
    const ana = stage.slack.user('ana');
    const { said = '' } = await ana.type('/dr pause storage move --for 2h');
    expect(said).toMatch(/^\*Paused\*.*\n• prod, every playbook: by ana .*ends in 2h: storage move/);
    expect((await ana.type('/dr pause --for soon x')).said).toMatch(/^Not paused: "soon" is no duration/);
    expect((await ana.type('/dr resume')).said).toBe('Resumed: nothing is paused any more');
  });

  test('freeze takes a name, a time and a reason; it is shown where people look, and ended by its name', async () => {
    const stage = await openStage();
    const ana = stage.slack.user('ana');
    const { said = '' } = await ana.type('/dr freeze storage-move --until 2h the storage team works');
    expect(said).toMatch(/^\*Frozen\*: nothing but an undo is written\n• prod, `storage-move`: by ana .*, ends in 2h: the storage team works/);
    expect((await ana.type('/dr')).said).toContain('*Frozen*: nothing but an undo is written\n• prod, `storage-move`');
    expect((await stage.slack.user('dan').type('/dr pauses')).said).toContain('`storage-move`: by ana');
    expect((await ana.type('/dr freeze x --until soon y')).said).toMatch(/^Not frozen: "soon" is no time; such as 2h, 18:00/);
    expect((await stage.slack.user('cleo').type('/dr unfreeze storage-move')).said).toMatch(/^Not ended: cleo has not the right "pause"/);
    expect((await ana.type('/dr unfreeze storage')).said).toMatch(/^Not ended: there is no freeze "storage" there\. By hand: "storage-move"/);
    expect((await ana.type('/dr unfreeze storage-move')).said).toBe('The freeze `storage-move` is over');
    expect((await ana.type('/dr pauses')).said).toBe('Nothing is paused or frozen.');
  });

  test('who has not the right is told who has', async () => {
    const stage = await openStage();
    expect((await stage.slack.user('cleo').type('/dr pause x')).said).toBe(
      'Not paused: cleo has not the right "pause"; it belongs to platform\nWho can: platform.',
    );
    expect((await stage.slack.user('dan').type('/dr pause x')).said).toMatch(
      /^Not paused: the configuration knows nobody with your Slack id `U0DAN`\nWho can: platform\./,
    );
  });

  test('somebody is named by @, and stays a person of the configuration', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    const ana = stage.slack.user('ana');
    expect((await ana.type(`/dr lead ${incident.id.slice('incident/'.length)} @ben`)).acknowledged).toBe(true);
    expect((await stage.store.mail('prod', incident.id))[0]?.value).toMatchObject({ kind: 'lead', by: 'ana', lead: 'ben' });
    expect((await ana.type(`/dr lead ${incident.id.slice('incident/'.length)} @dan`)).said).toMatch(/^Not changed: the configuration knows no person "dan"/);
  });

  test('a note keeps its words, and pings nobody when it is shown', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    await stage.slack.user('ana').type(`/dr note ${incident.id.slice('incident/'.length)} the vendor's <!channel> is "called" & late`);
    expect((await stage.store.mail('prod', incident.id))[0]?.value).toMatchObject({
      kind: 'note',
      by: 'ana',
      text: "the vendor's <!channel> is called & late",
    });
  });

  test('hostile text of a run is shown harmless', async () => {
    const stage = await openStage();
    const { name } = await stage.propose({ finding: { kind: 'act', reason: '<!channel> <@U0BEN> ``` <https://evil.example.test|Approve>' }, target: 'w1' });
    const { said = '' } = await stage.slack.user('ana').type(`/dr show ${name}`);
    expect(said).not.toMatch(/<[!@h]/);
    expect(said).toContain('&lt;!channel&gt;');
  });
});

describe('playbooks', () => {
  test('are started by their own command, told only to the one who typed', async () => {
    const requests: unknown[] = [];
    const stage = await openStage({
      commands: () => ({
        startRun: async (caller, request) => {
          requests.push({ by: caller.person, surface: caller.surface, ...request });
          return { run: '3f9a01c2abcdabcd-1', runs: ['3f9a01c2abcdabcd-1'], joined: false, text: 'Started node-isolate: 3f9a01c2abcdabcd-1' };
        },
      }),
    });
    const { said } = await stage.slack.user('ana').type('/dr node isolate node=w1 grace=60 --reason kernel update');
    expect(said).toMatch(/^Started node-isolate/);
    expect(requests).toMatchObject([{ by: 'ana', surface: 'slack', playbook: 'node-isolate', params: { node: 'w1', grace: '60' }, reason: 'kernel update' }]);
    expect(stage.slack.user('ben').sees()).toEqual([]);
  });

  test('a dry run says what would be found and proposed', async () => {
    const stage = await openStage();
    expect((await stage.slack.user('ana').type('/dr node isolate node=w1 --dry-run')).said).toMatch(
      /would act: it is silent[\s\S]*Nothing was stored or written/,
    );
  });

  test('a parameter that alerts bring comes by its place when somebody types', async () => {
    const requests: unknown[] = [];
    const stage = await openStage({
      commands: () => ({
        startRun: async (_caller, request) => {
          requests.push(request.params);
          return { run: 'r', runs: ['r'], joined: true, text: 'r does this already' };
        },
      }),
    });
    expect((await stage.slack.user('ana').type('/dr node isolate w1')).said).toMatch(/^Nothing new/);
    expect(requests).toEqual([{ node: 'w1' }]);
    expect((await stage.slack.user('ana').type('/dr node isolate w1 w2')).said).toMatch(/^Not started: "w2" is one word too many/);
  });

  test('a parameter that is none is named; nothing is started', async () => {
    const stage = await openStage();
    const { said } = await stage.slack.user('ana').type('/dr node isolate nod=w1');
    expect(said).toMatch(/^Not started: .*Did you mean node\?/);
    expect((await stage.slack.user('ana').type('/dr node islate w1')).said).toContain('Did you mean `/dr node isolate`?');
  });

  test('help is made of the same declarations', async () => {
    const stage = await openStage();
    const ana = stage.slack.user('ana');
    const { said = '' } = await ana.type('/dr help');
    for (const known of ['/dr approve RUN PLAN', '/dr node isolate', '/dr pause', '/dr status']) expect(said).toContain(known);
    expect((await ana.type('/dr help approve')).said).toContain('`/dr approve 3f9a01c2 d1d1d1d1 daily`');
    expect((await ana.type('/dr help node isolate')).said).toMatch(/^`\/dr node isolate NODE`[\s\S]*`grace` \(may be left out\)/);
  });
});

describe('for everybody', () => {
  test('status --public is seen by all in the channel, says who asked, and nothing of it is for one person', async () => {
    const stage = await openStage();
    const { name } = await stage.propose();
    const answered = await stage.slack.user('ana').type('/dr status --public');
    expect(answered).toMatchObject({ acknowledged: true });
    const seen = await stage.slack.until('the answer', () =>
      stage.slack
        .user('ben')
        .sees('dr')
        .find(({ text }) => text.includes('Asked by')),
    );
    expect(seen.onlyFor).toBeUndefined();
    expect(seen.text).toMatch(/^1 decision waits; 1 incident is open\n/);
    expect(seen.text).toContain('Asked by ana.');
    expect(seen.text).not.toContain('or you');
    await stage.slack.user('ana').type(`/dr status ${name} --public`);
    await stage.slack.until('the run', () =>
      stage.slack
        .user('ben')
        .sees('dr')
        .find(({ text }) => text.includes(name) && text.includes('Asked by ana')),
    );
  });

  test('nobody unknown posts it, nowhere else, and never where another organization sees it; the one who asked hears why', async () => {
    const stage = await openStage({ slack: { channels: [{ name: 'random' }] } });
    expect((await stage.slack.user('dan').type('/dr status --public')).said).toMatch(/^Not posted: the configuration knows nobody with your Slack id/);
    expect((await stage.slack.user('ana').type('/dr status --public', { channel: 'random' })).said).toMatch(/^Not posted: this is done in #dr/);
    stage.slack.apply({ channels: [{ name: 'dr', shared: true }] });
    expect((await stage.slack.user('ana').type('/dr status --public')).said).toMatch(
      /^Not posted: people of another organization are in this conversation\. Without --public the answer is for you alone/,
    );
    for (const channel of ['dr', 'random'])
      expect(
        stage.slack
          .user('ben')
          .sees(channel)
          .filter(({ text }) => text.includes('Asked by')),
      ).toEqual([]);
  });
});

describe('who is on call', () => {
  test('is shown to whoever may look, honest about its age, and by part of a name', async () => {
    const nowMs = Date.now();
    const ladders = {
      default: [
        { page: 'platform-primary', afterMs: 0 },
        { page: 'incident-command', afterMs: 900_000 },
      ],
    };
    const of = (target: string) => (target === 'platform-primary' ? { names: ['Ana <!here>'], atMs: nowMs - 3_600_000 } : undefined);
    const stage = await openStage({ policy: { ladders }, deps: { onCall: { of, problem: () => 'PagerDuty is away' } } });
    const { said = '' } = await stage.slack.user('dan').type('/dr oncall');
    expect(said).toMatch(
      /^\*On call\*\nNot as of now: PagerDuty is away\n• \*platform-primary\*: Ana .*, as of 1h ago \(default, at once\)\n• \*incident-command\*: not known \(default, after 15m\)$/,
    );
    expect(said).not.toContain('<!here>');
    expect((await stage.slack.user('ana').type('/dr oncall command')).said).not.toContain('platform');
    expect((await stage.slack.user('ana').type('/dr oncall platfrom-primary')).said).toMatch(
      /^Not shown: nobody is on call as "platfrom-primary"\. Did you mean platform-primary\?/,
    );
  });
});

describe('where it is typed', () => {
  test('elsewhere than in the channel nothing is changed, and looking works', async () => {
    const stage = await openStage({ slack: { channels: [{ name: 'random' }] } });
    const { run, name } = await stage.propose();
    const ana = stage.slack.user('ana');
    expect((await ana.type(`/dr approve ${name} d1d1d1d1`, { channel: 'random' })).said).toBe(
      'Not approved: this is done in #dr, where everybody sees it, and this is another conversation\nDo it there. Looking works everywhere: `/dr status`.',
    );
    expect((await ana.type('/dr', { channel: 'random' })).said).toContain('1 decision waits');
    expect((await stage.run(run.id)).approvals).toEqual([]);
  });
});

describe('when what answers is away', () => {
  test('a cluster that hangs: said at once, and the result when it is there', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await openStage({ commands: (real) => ({ dryRun: async (...given) => gate.promise.then(() => real.dryRun(...given)) }) });
    const { said, afterMs } = await stage.slack.user('ana').type('/dr node isolate node=w1 --dry-run');
    expect(said).toMatch(/^At work: `\/dr node isolate node=w1 --dry-run`/);
    expect(afterMs).toBeLessThan(3000);
    gate.resolve();
    await stage.slack.until('the result', () => stage.told('ana').at(-1)?.includes('would act: it is silent'));
  });

  test('a store that is away is said, never a stack', async () => {
    const stage = await openStage({ commands: () => ({ playbooks: () => Promise.reject(new SalvorError('store.unavailable', 'the store does not answer')) }) });
    expect((await stage.slack.user('ana').type('/dr')).said).toMatch(/^Not done: the store does not answer\n/);
    const broken = await openStage({ commands: () => ({ playbooks: () => Promise.reject(new TypeError('x is not a function')) }) });
    expect((await broken.slack.user('ana').type('/dr')).said).toMatch(/^Not done: a fault of our own; the log says which/);
    expect(broken.logged('slack.failed')).toMatchObject([{ reason: 'x is not a function' }]);
  });

  test('a long answer keeps whole lines, and says that there is more', async () => {
    const stage = await openStage();
    const { run, name } = await stage.propose();
    await stage.change({ ...run, finding: { kind: 'act', reason: 'x'.repeat(390) } });
    await stage.journal(
      run.id,
      Array.from({ length: 30 }, (_, index) => line('run.held', { gate: 'freeze', reason: `${index} ${'long '.repeat(100)}` })),
    );
    const { said = '' } = await stage.slack.user('ana').type(`/dr show ${name}`);
    expect(said.length).toBeLessThan(4000);
  });
});
