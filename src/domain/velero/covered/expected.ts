import { z } from 'zod';
import type { KubeObject } from '../../../model/object.ts';
import { text, timeMs } from '../../lenient.ts';
import { isLike } from '../../like.ts';

/** Velero leaves out whatever carries it: somebody wanted that. */
const LEFT_OUT = 'velero.io/exclude-from-backup';

/** What ought to be in a backup. */
export type Expected = { readonly name: string; readonly madeMs: number };
export type ExpectedClaim = Expected & { readonly namespace: string; readonly isBound: boolean };

/** Which namespaces are expected: those of these names, without these, and with this label. `*` stands for any text. */
export type Scope = {
  readonly names: readonly string[];
  readonly except: readonly string[];
  readonly label?: { readonly name: string; readonly value?: string } | undefined;
};

/** `shop, pay-*` as a list. */
export function listOf(written: string | undefined): readonly string[] {
  return (written ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** `tier=gold`, or `tier` for any value. */
export function labelOf(written: string | undefined): Scope['label'] {
  if (written === undefined || written.trim() === '') return undefined;
  const [name = '', value] = written.trim().split('=');
  return value === undefined ? { name } : { name, value };
}

export const isLeftOut = ({ metadata: { labels = {} } }: KubeObject): boolean => labels[LEFT_OUT] === 'true';

/** The namespaces that are expected and not left out on purpose; those that are being deleted are not waited for. */
export function expectedNamespaces(found: readonly KubeObject[], { names, except, label }: Scope): readonly Expected[] {
  return found
    .filter((one) => !isLeftOut(one) && one.metadata.deletionTimestamp === undefined)
    .filter(
      ({ metadata: { name } }) => (names.length === 0 || names.some((pattern) => isLike(name, pattern))) && !except.some((pattern) => isLike(name, pattern)),
    )
    .filter(
      ({ metadata: { labels = {} } }) =>
        label === undefined || (Object.hasOwn(labels, label.name) && (label.value === undefined || labels[label.name] === label.value)),
    )
    .map(expected);
}

const Claim = z.looseObject({ status: z.looseObject({ phase: text }).nullish().catch(undefined) });

export function expectedClaims(found: readonly KubeObject[], namespaces: readonly Expected[]): readonly ExpectedClaim[] {
  const wanted = new Set(namespaces.map(({ name }) => name));
  return found
    .filter((one) => !isLeftOut(one) && one.metadata.deletionTimestamp === undefined && wanted.has(one.metadata.namespace ?? ''))
    .map((one) => ({ ...expected(one), namespace: one.metadata.namespace ?? '', isBound: Claim.parse(one).status?.phase === 'Bound' }));
}

const expected = ({ metadata: { name, creationTimestamp } }: KubeObject): Expected => ({ name, madeMs: timeMs(creationTimestamp) ?? 0 });
