import { describe, expect, test } from 'vitest';
import { at, listAt, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import { asJson, setting } from '../setting.ts';

const VOLUME = 'pvc-shop-data';
/** A pod of a Deployment with a volume that one machine alone may have. */
const WITH_DATA: Scenario = {
  nodes: [{ name: 'w1' }, { name: 'w2' }],
  claims: [{ name: 'shop/data' }],
  pods: [{ name: 'shop/web-a', node: 'w1', volumes: ['data'] }],
};

function open(scenario: Scenario = WITH_DATA) {
  const set = setting(scenario);
  const attached = async (): Promise<readonly string[]> =>
    (await set.access.list({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment' }))
      .map(asJson)
      .map((one) => `${textAt(one, 'spec', 'source', 'persistentVolumeName')} ${textAt(one, 'spec', 'nodeName')} ${at(one, 'status', 'attached') === true}`)
      .toSorted();
  const pods = async (): Promise<readonly string[]> =>
    (await set.access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })).map(asJson).map((pod) => {
      const state = at(pod, 'metadata', 'deletionTimestamp') === undefined ? textAt(pod, 'status', 'phase') : 'Terminating';
      const waits = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason');
      return `${textAt(pod, 'spec', 'nodeName')} ${state}${waits === '' ? '' : ` ${waits}`}`;
    });
  const told = async (reason: string): Promise<readonly string[]> =>
    (await set.access.list({ apiVersion: 'v1', kind: 'Event', namespace: 'shop' }))
      .map(asJson)
      .filter((event) => textAt(event, 'reason') === reason)
      .map((event) => textAt(event, 'message'));
  return { ...set, attached, pods, told };
}

describe('a volume', () => {
  test('is attached where its pod is, and goes after it to another node', async () => {
    const { sim, access, clock, attached, pods } = open();
    expect(await attached()).toEqual([`${VOLUME} w1 true`]);
    sim.apply({ nodes: [{ name: 'w1', cordoned: true }] });
    const [pod] = await access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' });
    await access.evict({ namespace: 'shop', name: 'web-a', uid: pod?.metadata.uid ?? '' });
    await clock.pass(10_000);
    expect(await attached()).toEqual([`${VOLUME} w2 true`]);
    expect(await pods()).toEqual(['w2 Running']);
  });

  test('stays on a machine that does not answer: the new pod waits for it, and says so', async () => {
    const { sim, clock, attached, pods, told } = open();
    sim.apply({ nodes: [{ name: 'w1', kubelet: 'silent' }] });
    await clock.pass(3_600_000);
    expect(await attached()).toEqual([`${VOLUME} w1 true`]);
    expect((await pods()).toSorted()).toEqual(['w1 Terminating', 'w2 Pending ContainerCreating']);
    expect(await told('FailedAttachVolume')).toEqual([`Multi-Attach error for volume "${VOLUME}" Volume is already used by pod(s) web-a`]);
  });

  test('is taken off a dead machine six minutes after its pod was deleted by force', async () => {
    const { sim, clock, access, ask, attached, pods } = open();
    sim.apply({ nodes: [{ name: 'w1', ready: false, since: '10m' }] });
    await clock.pass(10_000);
    expect((await access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })).length).toBe(2);
    await ask('delete', 'Pod', { namespace: 'shop', name: 'web-a', options: { gracePeriodSeconds: 0 } });
    await clock.pass(355_000);
    expect(await attached()).toEqual([`${VOLUME} w1 true`]);
    await clock.pass(10_000);
    expect(await attached()).toEqual([`${VOLUME} w2 true`]);
    expect(await pods()).toEqual(['w2 Running']);
  });

  test('is free at once where somebody says that the machine is off', async () => {
    const { sim, clock, attached, pods } = open();
    sim.apply({ nodes: [{ name: 'w1', ready: false, since: '10m' }] });
    await clock.pass(60_000);
    sim.apply({ nodes: [{ name: 'w1', outOfService: true }] });
    await clock.pass(25_000);
    expect(await attached()).toEqual([`${VOLUME} w2 true`]);
    expect(await pods()).toEqual(['w2 Running']);
  });

  test('that its driver does not detach stays, whatever is said of the machine', async () => {
    const { sim, clock, attached } = open({ ...WITH_DATA, claims: [{ name: 'shop/data', attachedTo: 'w1', stuck: true }] });
    sim.apply({ nodes: [{ name: 'w1', ready: false, since: '10m', outOfService: true }] });
    await clock.pass(3_600_000);
    expect(await attached()).toEqual([`${VOLUME} w1 true`]);
    sim.apply({ claims: [{ name: 'shop/data', attachedTo: 'w1', stuck: false }], remove: [`VolumeAttachment/csi-${VOLUME}`] });
    await clock.pass(10_000);
    expect(await attached()).toEqual([`${VOLUME} w2 true`]);
  });

  test('of one zone keeps its pod there', async () => {
    const { sim, clock, pods } = open({
      ...WITH_DATA,
      nodes: [
        { name: 'w1', zone: 'a' },
        { name: 'w2', zone: 'b' },
      ],
      claims: [{ name: 'shop/data', zone: 'a' }],
    });
    sim.apply({ nodes: [{ name: 'w1', ready: false, since: '10m' }] });
    await clock.pass(60_000);
    expect((await pods()).toSorted()).toEqual([' Pending', 'w1 Terminating']);
  });
});
