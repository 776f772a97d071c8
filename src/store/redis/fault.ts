import { type ErrorCode, errorText, SalvorError } from '../../model/error.ts';

/** What a failed call means. `again`: it may work by itself within seconds, and a repeat is recognized, so it is tried again for a while. */
export type Fault = { readonly error: SalvorError; readonly again: boolean /** This connection leads to the wrong server. */; readonly leave: boolean };

type Words = (because: string) => string;
type Known = { readonly words: Words; readonly code?: ErrorCode; readonly again?: boolean; readonly leave?: boolean };

const REFUSED: { readonly [prefix: string]: Known } = {
  OOM: {
    code: 'store.full',
    words: () => 'Redis has no memory left (maxmemory). Nothing was stored. Give it more: the store goes on by itself.',
  },
  MISCONF: { code: 'store.full', words: (because) => `Redis cannot write to its disk (${because}). Nothing was stored. Free space there.` },
  READONLY: { words: () => 'Redis is a replica now: a failover is under way. It is looked for again.', again: true, leave: true },
  MASTERDOWN: { words: () => 'Redis has lost its primary. A failover is under way, or nobody does one.', again: true, leave: true },
  LOADING: { words: () => 'Redis reads its data back after a start. It answers when it is done.', again: true },
  CLUSTERDOWN: { words: () => 'The Redis Cluster has no primary for a part of its keys. It waits for a failover.', again: true },
  TRYAGAIN: { words: () => 'The Redis Cluster moves keys just now.', again: true },
  MOVED: { words: () => 'The Redis Cluster moved keys; the map of its nodes is read again.', again: true },
  ASK: { words: () => 'The Redis Cluster moves keys just now.', again: true },
  BUSY: { words: () => 'Redis is busy with a script of somebody that takes too long.', again: true },
  NOREPLICAS: { words: () => 'Redis has too few replicas to take writes (min-replicas-to-write). Nothing was stored.', again: true },
  UNKILLABLE: { words: (because) => `Redis does not come back from a script (${because}).` },
  NOAUTH: { words: () => 'Redis wants a password: set store.password.' },
  WRONGPASS: { words: () => 'Redis refuses the user or the password of store.username and store.password.' },
  NOPERM: {
    words: (because) =>
      `Redis does not let this user do what Salvor needs (${because}). The user needs all keys and the channel under the prefix, and scripts.`,
  },
};

/** What any thrown value of ioredis means. `where` is named in the sentences for people; it holds no secret. */
export function faultOf(error: unknown, where: string): Fault {
  if (error instanceof SalvorError) return { error, again: error.retry === 'now', leave: false };
  const because = errorText(error);
  const known = REFUSED[because.split(' ', 1)[0] ?? ''];
  if (known !== undefined) {
    const { code = 'store.unavailable', words, again = false, leave = false } = known;
    return { error: new SalvorError(code, `${words(because)} (${where})`, { retry: 'later', cause: error }), again, leave };
  }
  if (isAnswer(error))
    return { error: new SalvorError('internal', `Redis refused a command of Salvor: ${because}`, { cause: error }), again: false, leave: false };
  if (isCertificate(error)) {
    const words = `Redis at ${where} shows a certificate that is not trusted (${because}). Set store.ca to the file of its authority.`;
    return { error: new SalvorError('store.unavailable', words, { retry: 'later', cause: error }), again: false, leave: false };
  }
  const words = `Redis at ${where} gives no answer (${because}). What waits is stored there; new alerts are refused and sent again by Alertmanager.`;
  return { error: new SalvorError('store.unavailable', words, { retry: 'later', cause: error }), again: true, leave: false };
}

/** Whether Redis itself said no; anything else came from the connection. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** Codes of OpenSSL and of Node for a chain or a name that does not fit. */
function isCertificate(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS_/.test(code);
}

/** Whether the script is not known to this server: it is new, or somebody ran SCRIPT FLUSH. */
export function isUnknownScript(error: unknown): boolean {
  return errorText(error).startsWith('NOSCRIPT');
}
