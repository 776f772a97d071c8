import { lookup } from 'node:dns/promises';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { ProbeResult } from '../port/kube.ts';
import type { Probes } from '../port/probe.ts';

/** What the configuration lists: a URL that must answer 2xx or 3xx, or a host name that must resolve; one of the two. */
export type ProbeTarget = {
  readonly name: string;
  readonly http?: string;
  readonly dns?: string;
  /** Default: 10 s. */
  readonly withinMs?: number;
};

const WITHIN_MS = 10_000;
const MOST_ADDRESSES = 5;

/** Looks from outside, by name. What is listed nowhere throws; what is listed and does not answer is a no with its reason. */
export function configuredProbes(list: readonly ProbeTarget[], { clock }: { readonly clock: Clock }): Probes {
  const byName = new Map(list.map((target) => [target.name, target]));
  return {
    async look(name) {
      const target = byName.get(name);
      if (target === undefined) throw new SalvorError('probe.unavailable', `no probe "${name.slice(0, 100)}" is configured`);
      const { http, dns, withinMs = WITHIN_MS } = target;
      const startedMs = clock.monotonicMs();
      const result = http === undefined ? await lookAtHost(dns ?? '', withinMs) : await lookAtUrl(http, withinMs);
      if (!result.ok) return result;
      return { ok: true, evidence: `${result.evidence} in ${Math.round(clock.monotonicMs() - startedMs)} ms` };
    },
  };
}

async function lookAtUrl(text: string, withinMs: number): Promise<ProbeResult> {
  const url = URL.parse(text);
  if (url === null) return { ok: false, reason: `"${text}" is not a URL` };
  // A query may hold a key: people see the rest.
  const shown = `${url.origin}${url.pathname}`;
  try {
    // A redirect is an answer: where it leads is not looked at.
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(withinMs) });
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 400) return { ok: true, evidence: `${shown} answered ${response.status}` };
    return { ok: false, reason: `${shown} answered ${response.status}` };
  } catch (error) {
    return { ok: false, reason: `${shown} ${whyNot(error)}` };
  }
}

async function lookAtHost(host: string, withinMs: number): Promise<ProbeResult> {
  if (host === '') return { ok: false, reason: 'the probe names neither a URL nor a host' };
  try {
    const found = await beforeDeadline(lookup(host, { all: true }), withinMs);
    const addresses = found.map(({ address }) => address);
    if (addresses.length === 0) return { ok: false, reason: `${host} has no address` };
    const more = addresses.length > MOST_ADDRESSES ? ` and ${addresses.length - MOST_ADDRESSES} more` : '';
    return { ok: true, evidence: `${host} is ${addresses.slice(0, MOST_ADDRESSES).join(', ')}${more}` };
  } catch (error) {
    return { ok: false, reason: `${host} ${whyNot(error)}` };
  }
}

/** The system's resolver cannot be cancelled: it is left behind. */
async function beforeDeadline<T>(answer: Promise<T>, withinMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = AbortSignal.timeout(withinMs);
  const stop = (): void => reject(new DOMException('late', 'TimeoutError'));
  late.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answer, promise]);
  } finally {
    late.removeEventListener('abort', stop);
  }
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refuses connections'],
  ['ECONNRESET', 'broke the connection'],
  ['ENOTFOUND', 'does not resolve'],
  ['EAI_AGAIN', 'cannot be resolved now'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ENETUNREACH', 'cannot be reached'],
]);

function whyNot(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'does not answer in time';
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return WORDS.get(code) ?? `does not answer${code === '' ? '' : ` (${code})`}`;
}
