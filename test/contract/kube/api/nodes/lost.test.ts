import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../../../src/model/json.ts';
import { listAt, numberAt, textAt } from '../../../../../src/world/object.ts';
import type { WatchLine } from '../../raw.ts';
import { condition, conditionText, deploy, isLeaving, isServing, type NodeStage, nameOf, nodeStory, openNodes, podsIn, story } from './stage.ts';

const LOST = 'Unknown/NodeStatusUnknown/Kubelet stopped posting node status.';
const WELL = 'True/KubeletReady/kubelet is posting ready status';
const TARGET = 'True/DeletionByTaintManager/Taint manager: deleting due to NoExecute taint';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const BOTH = `${UNREACHABLE}:NoExecute ${UNREACHABLE}:NoSchedule`;
const oneTaint = (ready: string): unknown => expect.stringMatching(new RegExp(`^${ready} ${UNREACHABLE}:(NoSchedule|NoExecute)$`));
const REPORTED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

let stage: NodeStage;
let before: Json;
let nodeLines: readonly WatchLine[];
let podLines: readonly WatchLine[];
let victims: readonly string[];

const pods = (): Promise<readonly Json[]> => podsIn(stage, 'lost');
const nodeNow = async (): Promise<Json> => (await stage.request('GET', '/api/v1/nodes/node-1')).body;

beforeAll(async () => {
  stage = await openNodes();
  await deploy(stage, 'lost', { replicas: 6, budget: { maxUnavailable: 0 } });
  await stage.until('six pods run', async () => (await pods()).filter(isServing).length === 6 || undefined);
  victims = (await pods())
    .filter((pod) => textAt(pod, 'spec', 'nodeName') === 'node-1')
    .map(nameOf)
    .sort();
  before = await nodeNow();
  nodeLines = await stage.record('/api/v1/nodes?watch=true&fieldSelector=metadata.name%3Dnode-1');
  podLines = await stage.record('/api/v1/namespaces/lost/pods?watch=true');
  await stage.node('node-1', 'down');
  await stage.until('its pods are being deleted', async () => {
    const leaving = (await pods()).filter(isLeaving).map(nameOf);
    return victims.every((pod) => leaving.includes(pod)) || undefined;
  });
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

describe('a node whose heartbeat stops', () => {
  test('is Unknown, then has one taint, then both', () => {
    // Two workers write them: mostly NoSchedule is the first.
    expect(nodeStory(nodeLines)).toEqual([WELL, LOST, oneTaint(LOST), `${LOST} ${BOTH}`]);
  });

  test('says the same of everything that its kubelet reported', async () => {
    const node = await nodeNow();
    expect(REPORTED.map((type) => conditionText(node, type))).toEqual(REPORTED.map(() => LOST));
    expect(nodeStory(nodeLines).at(-1)).toBe(`${LOST} ${BOTH}`);
  });

  test('keeps the time of its last heartbeat', async () => {
    const node = await nodeNow();
    for (const type of REPORTED) {
      const [was, is] = [condition(before, type), condition(node, type)];
      expect(textAt(is, 'lastHeartbeatTime'), type).toBe(textAt(was, 'lastHeartbeatTime'));
      expect(Date.parse(textAt(is, 'lastTransitionTime')), type).toBeGreaterThan(Date.parse(textAt(was, 'lastTransitionTime')));
    }
  });

  test('keeps what the cloud said of its network', async () => {
    expect(condition(before, 'NetworkUnavailable')).toBeDefined();
    expect(condition(await nodeNow(), 'NetworkUnavailable')).toEqual(condition(before, 'NetworkUnavailable'));
  });

  test('has taints that say since when', async () => {
    const times = listAt(await nodeNow(), 'spec', 'taints').map((taint) => Date.parse(textAt(taint, 'timeAdded')));
    expect(times).toHaveLength(2);
    expect(times.every((time) => time > 0)).toBe(true);
  });

  test('is told in Events: on the node, on each pod, and when a pod is deleted', async () => {
    const events = listAt((await stage.request('GET', '/api/v1/events')).body, 'items');
    const told = (kind: string, name: string): readonly string[] =>
      events
        .filter((event) => textAt(event, 'involvedObject', 'kind') === kind && textAt(event, 'involvedObject', 'name') === name)
        .map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')} ${textAt(event, 'message')}`);
    expect(told('Node', 'node-1')).toContain('Normal NodeNotReady Node node-1 status is now: NodeNotReady');
    for (const pod of victims) {
      expect(told('Pod', pod)).toContain('Warning NodeNotReady Node is not ready');
      expect(told('Pod', pod)).toContain(`Normal TaintManagerEviction Marking for deletion Pod lost/${pod}`);
    }
  });
});

describe('its pods', () => {
  const tell = (object: Json): string =>
    [
      textAt(object, 'status', 'phase'),
      `Ready=${conditionText(object, 'Ready')}`,
      `ContainersReady=${conditionText(object, 'ContainersReady')}`,
      conditionText(object, 'DisruptionTarget'),
      isLeaving(object) ? `grace ${numberAt(object, 'metadata', 'deletionGracePeriodSeconds')}` : '',
    ]
      .filter((text) => text !== '')
      .join(' ');

  test('are not ready, without a reason; then marked; then deleted; and still Running', () => {
    expect(victims.length).toBeGreaterThan(0);
    for (const pod of victims) {
      const lines = podLines.filter(({ object }) => nameOf(object) === pod);
      expect(story(lines, tell)).toEqual([
        'Running Ready=True ContainersReady=True',
        'Running Ready=False ContainersReady=True',
        `Running Ready=False ContainersReady=True ${TARGET}`,
        `Running Ready=False ContainersReady=True ${TARGET} grace 2`,
      ]);
    }
  });

  test('are deleted although a budget lets none go, and others run elsewhere', async () => {
    const serving = await stage.until('six pods serve again', async () => [(await pods()).filter(isServing)].find((all) => all.length === 6));
    expect(serving.map((pod) => textAt(pod, 'spec', 'nodeName'))).not.toContain('node-1');
  });

  test('stay when their time is over: nobody can say that they have ended', async () => {
    await stage.pass(4_000);
    const left = (await pods()).filter(isLeaving).map(nameOf);
    expect(victims.filter((pod) => !left.includes(pod))).toEqual([]);
  });
});

describe('its return', () => {
  test('ends the pods that were to be deleted, and no other', async () => {
    await stage.node('node-1', 'up');
    await stage.until('the node is well', () => nodeStory(nodeLines).at(-1) === WELL || undefined);
    await stage.until('the pods are gone', async () => !(await pods()).some(isLeaving) || undefined);
    expect((await pods()).filter(isServing)).toHaveLength(6);
  });

  test('makes it Ready first, then takes the taints away one by one', () => {
    expect(nodeStory(nodeLines).slice(-3)).toEqual([`${WELL} ${BOTH}`, oneTaint(WELL), WELL]);
  });
});
