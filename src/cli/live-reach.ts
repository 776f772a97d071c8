import type { KubeCluster } from '../kube/open-cluster.ts';
import { formatDuration } from '../model/duration.ts';
import { errorText, SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';

/** What `check --live` found out. The code is for programs, and stays. */
export type Finding = {
  readonly code: `live.${'unreachable' | 'certificate' | 'credentials' | 'clock' | 'permission' | 'velero-missing' | 'velero-namespace' | 'velero-version' | 'velero-silent' | 'storage' | 'prometheus'}`;
  readonly message: string;
  readonly warning?: true;
};

/** Schedules count in minutes, and ages of backups are judged by our clock: a server further off than this is judged wrongly. */
const MOST_SKEW_MS = 60_000;

export type Reached = { readonly away: Finding } | { readonly away?: undefined; readonly findings: readonly Finding[] };

/** Does the API server answer, is it the right one, does it know us, and is it as late as we are. */
export async function reach(cluster: KubeCluster, clock: Clock): Promise<Reached> {
  const beforeMs = clock.nowMs();
  try {
    const { serverMs } = await cluster.hello();
    // The header has no fractions: half a second is added.
    const skewMs = serverMs === undefined ? 0 : serverMs + 500 - (beforeMs + clock.nowMs()) / 2;
    if (Math.abs(skewMs) <= MOST_SKEW_MS) return { findings: [] };
    const words = `${formatDuration(Math.round(Math.abs(skewMs) / 1000) * 1000)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours`;
    const message = `the clock of ${cluster.name} is ${words}: ages and schedules are misjudged; set both by NTP (timedatectl, chronyc tracking)`;
    return { findings: [{ code: 'live.clock', message }] };
  } catch (error) {
    return { away: awayFinding(error) };
  }
}

/** Why a cluster could not be asked, and what to do about it. */
export function awayFinding(error: unknown): Finding {
  const message = errorText(error);
  if (!(error instanceof SalvorError)) return { code: 'live.unreachable', message };
  const cause = String(error.details['cause'] ?? '');
  if (error.code === 'kube.unauthorized') {
    const next = message.includes('cannot sign in') ? 'look at its kubeconfig' : 'make a new token or certificate and put it where the kubeconfig says';
    return { code: 'live.credentials', message: `${message}; ${next}: kubectl auth whoami shows the same` };
  }
  const certificate = CERTIFICATES.find(([pattern]) => pattern.test(cause));
  if (certificate !== undefined) return { code: 'live.certificate', message: `${message}; ${certificate[1]}` };
  return { code: 'live.unreachable', message: `${message}; does the API server run at the address in the kubeconfig? kubectl get --raw /livez asks the same` };
}

const CERTIFICATES: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED/, "the API server's certificate is over: renew it (kubeadm certs renew apiserver)"],
  [/CERT_NOT_YET_VALID/, "the API server's certificate is not valid yet: one of the clocks is wrong"],
  [/ALTNAME/, 'the certificate is for another name: correct server, or set tls-server-name, in the kubeconfig'],
  [/SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|CERT_|ERR_TLS|ERR_SSL|EPROTO/, 'the kubeconfig trusts another authority: renew its certificate-authority-data'],
];
