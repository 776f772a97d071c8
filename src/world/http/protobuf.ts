import { isObject, type Json, type JsonObject } from '../../model/json.ts';

/** How the bytes of a field are read: a text, bytes as base64, a flag, a message of its own, or one entry of a map. */
type Field = readonly [name: string, as: 'text' | 'base64' | 'flag' | 'texts' | 'base64s' | Message];
interface Message {
  readonly [number: number]: Field;
}

const META: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  11: ['labels', 'texts'],
  12: ['annotations', 'texts'],
};

const RESOURCE: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};

/** The kinds that kubectl sends as protobuf and that have few fields. Source  the .proto files of k8s.io/api. */
const KINDS: ReadonlyMap<string, Message> = new Map<string, Message>([
  ['Namespace', { 1: ['metadata', META] }],
  ['ConfigMap', { 1: ['metadata', META], 2: ['data', 'texts'], 3: ['binaryData', 'base64s'], 4: ['immutable', 'flag'] }],
  ['Secret', { 1: ['metadata', META], 2: ['data', 'base64s'], 3: ['type', 'text'] }],
  ['ServiceAccount', { 1: ['metadata', META] }],
  [
    'SelfSubjectAccessReview',
    {
      1: ['metadata', META],
      2: ['spec', { 1: ['resourceAttributes', RESOURCE], 2: ['nonResourceAttributes', { 1: ['path', 'text'], 2: ['verb', 'text'] }] }],
    },
  ],
  ['SelfSubjectRulesReview', { 1: ['metadata', META], 2: ['spec', { 1: ['namespace', 'text'] }] }],
  ['SelfSubjectReview', { 1: ['metadata', META] }],
]);

/** What every object sent as protobuf begins with. */
const MAGIC = Buffer.from('k8s\0');

const ENVELOPE: Message = { 1: ['type', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }], 2: ['raw', 'base64'] };

/** An object that kubectl sent as protobuf, as JSON. Undefined: not of a kind that is read here, or damaged. */
export function fromProtobuf(bytes: Buffer): Json | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const { type, raw } = decode(bytes.subarray(MAGIC.length), ENVELOPE);
    const named = typeof type === 'object' && type !== null && 'kind' in type ? type : undefined;
    const message = typeof named?.kind === 'string' ? KINDS.get(named.kind) : undefined;
    return message === undefined || typeof raw !== 'string' ? undefined : { ...named, ...decode(Buffer.from(raw, 'base64'), message) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decode(bytes: Buffer, message: Message): JsonObject {
  const read: { [name: string]: Json } = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const field = message[key >> 3];
    if ((key & 7) === 0) {
      const value = varint();
      if (field?.[1] === 'flag') read[field[0]] = value === 1;
      continue;
    }
    if ((key & 7) !== 2) throw new RangeError('a field of a type that none of these kinds has');
    const end = varint() + at;
    if (end > bytes.length) throw new RangeError('it ends too early');
    const value = bytes.subarray(at, end);
    at = end;
    if (field !== undefined) put(read, field, value);
  }
  return read;
}

function put(read: { [name: string]: Json }, [name, as]: Field, value: Buffer): void {
  if (as === 'texts' || as === 'base64s') {
    const { key, value: entry = '' } = decode(value, { 1: ['key', 'text'], 2: ['value', as === 'texts' ? 'text' : 'base64'] });
    const before = read[name];
    if (typeof key === 'string') read[name] = { ...(isObject(before) ? before : {}), [key]: entry };
  } else if (as === 'base64') read[name] = value.toString('base64');
  else if (as !== 'text' && as !== 'flag') read[name] = decode(value, as);
  // An empty text is a field that was not set.
  else if (value.length > 0) read[name] = value.toString('utf8');
}
