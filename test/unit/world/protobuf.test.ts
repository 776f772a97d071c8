import { describe, expect, test } from 'vitest';
import { fromProtobuf } from '../../../src/world/http/protobuf.ts';

/** A field with its length before it, for texts shorter than 128 bytes. */
const field = (number: number, ...inner: readonly (Buffer | string)[]): Buffer => {
  const bytes = Buffer.concat(inner.map((one) => Buffer.from(one)));
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
};
const sent = (apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), field(1, field(1, apiVersion), field(2, kind)), field(2, ...fields), field(3, ''), field(4, '')]);

describe('an object that kubectl sends as protobuf', () => {
  test('is read with its names, its maps and its flags; what was not set is not there', () => {
    const metadata = field(1, field(1, 'cfg'), field(3, ''), field(11, field(1, 'app'), field(2, 'web')), field(11, field(1, 'tier'), field(2, '')));
    const entries = [field(2, field(1, 'a'), field(2, 'é')), field(3, field(1, 'b'), field(2, Buffer.from([0, 255])))];
    expect(fromProtobuf(sent('v1', 'ConfigMap', metadata, ...entries, Buffer.from([4 * 8, 1])))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cfg', labels: { app: 'web', tier: '' } },
      data: { a: 'é' },
      binaryData: { b: 'AP8=' },
      immutable: true,
    });
  });

  test('is read when it asks for a right', () => {
    const asked = field(2, field(1, field(1, 'shop'), field(2, 'create'), field(5, 'pods'), field(6, 'eviction')));
    expect(fromProtobuf(sent('authorization.k8s.io/v1', 'SelfSubjectAccessReview', field(1, ''), asked))).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { namespace: 'shop', verb: 'create', resource: 'pods', subresource: 'eviction' } },
    });
  });

  test.each([
    { what: 'another kind', bytes: sent('apps/v1', 'Deployment', field(1, field(1, 'web'))) },
    { what: 'no envelope', bytes: Buffer.from('{"kind":"ConfigMap"}') },
    { what: 'an end that comes too early', bytes: sent('v1', 'Namespace', field(1, field(1, 'shop'))).subarray(0, -9) },
    { what: 'nothing', bytes: Buffer.alloc(0) },
  ])('is not read: $what', ({ bytes }) => {
    expect(fromProtobuf(bytes)).toBeUndefined();
  });
});
