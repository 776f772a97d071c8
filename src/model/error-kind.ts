import type { ErrorCode } from './error.ts';

/** What an error is called on every surface that answers with a status, and what to do about it. */
type ErrorKind = { readonly status: number; readonly title: string; readonly next: string };

const AWAY = 'Wait a little and send it again; nothing was lost.';
const REPORT = 'Look at the log under this code, and report it if it stays.';
const READ_AGAIN = 'Read the run again (salvor show RUN), then decide.';

const cluster = (status: number, title: string): ErrorKind => ({
  status,
  title,
  next: 'Look at the cluster and at what Salvor may do there: salvor check --live.',
});
const refused = (status: number, title: string, next: string): ErrorKind => ({ status, title, next });

export const ERROR_KINDS: { readonly [code in ErrorCode]: ErrorKind } = {
  'kube.not-found': cluster(404, 'Not in the cluster'),
  'kube.conflict': cluster(409, 'The object changed'),
  'kube.exists': cluster(409, 'The object exists'),
  'kube.forbidden': cluster(502, 'The cluster forbids it'),
  'kube.unauthorized': cluster(502, 'The cluster does not know us'),
  'kube.invalid': cluster(502, 'The cluster finds it invalid'),
  'kube.too-many-requests': cluster(503, 'The cluster is busy'),
  'kube.expired': cluster(503, 'The cluster forgot where the list was'),
  'kube.unavailable': cluster(503, 'The cluster cannot be reached'),
  'kube.timeout': cluster(504, 'The cluster does not answer'),
  'kube.unknown-kind': cluster(502, 'The cluster does not serve this kind'),
  'metrics.unavailable': cluster(502, 'Prometheus gives no answer'),
  'probe.unavailable': cluster(502, 'The probe gives no answer'),
  'storage.unavailable': cluster(502, 'The object storage gives no answer'),
  'chat.unavailable': refused(502, 'The chat gives no answer', AWAY),
  'pager.unavailable': refused(502, 'The pager gives no answer', AWAY),
  'store.full': refused(503, 'The store is full', 'Send it again later; meanwhile give the store room.'),
  'store.unavailable': refused(503, 'The store gives no answer', AWAY),
  'store.damaged': refused(500, 'The store is damaged', 'Run salvor store check, and restore the last good backup.'),
  'store.locked': refused(503, 'The store is held by another program', AWAY),
  'run.fenced': refused(409, 'Another server drives the run', READ_AGAIN),
  'run.held': refused(409, 'The run is held', READ_AGAIN),
  'run.not-planned': refused(409, 'Not in the plan', READ_AGAIN),
  'run.facts-changed': refused(409, 'The facts changed', READ_AGAIN),
  'run.journal-full': refused(409, 'The journal is full', 'Cancel or supersede the run.'),
  'action.failed': refused(502, 'The action failed', READ_AGAIN),
  'action.timeout': refused(504, 'The action took too long', READ_AGAIN),
  'action.bad-result': refused(500, 'The action gave a wrong result', REPORT),
  'playbook.invalid': refused(422, 'The playbook cannot be used', 'Run salvor check, and correct the file.'),
  'playbook.unknown': refused(404, 'No such playbook', 'See what there is: GET /api/v1/playbooks.'),
  'config.invalid': refused(500, 'The configuration cannot be used', 'Run salvor check, and correct the file.'),
  'request.invalid': refused(400, 'The request cannot be read', 'Correct it; /openapi.json says what is expected.'),
  'request.unauthorized': refused(401, 'Who are you?', 'Send Authorization: Bearer with the token of a person of the configuration.'),
  'request.forbidden': refused(403, 'Not yours to do', 'Ask somebody who has the right, or have the configuration changed.'),
  'request.not-found': refused(404, 'Not here', 'See what there is by the lists: GET /api/v1/runs, GET /api/v1/incidents.'),
  'request.conflict': refused(409, 'Not as things stand', 'Read it again, then decide.'),
  'request.too-large': refused(413, 'Too large', 'Send less at once.'),
  'request.media-type': refused(415, 'Not JSON', 'Send Content-Type: application/json.'),
  'request.method': refused(405, 'Not this method', 'Use one of the methods in the Allow header.'),
  'approval.plan-changed': refused(409, 'The plan changed', 'Look at the current plan (its digest is beside this), and approve that one if you agree.'),
  'approval.not-allowed': refused(403, 'Not yours to decide', 'Ask one of those who decide.'),
  'approval.confirmation-missing': refused(422, 'The typed confirmation is missing', 'Send it again with "confirmation".'),
  'approval.not-waiting': refused(409, 'There is nothing to decide', READ_AGAIN),
  'sign-in.refused': refused(403, 'You are not logged in', 'Try it again, or log in with your token.'),
  'sign-in.unavailable': refused(502, 'You are not logged in', 'Try it again in a moment, or log in with your token.'),
  'server.unreachable': refused(502, 'The server cannot be reached', AWAY),
  'server.busy': refused(503, 'The server is busy', AWAY),
  'server.draining': refused(503, 'The server is stopping', AWAY),
  internal: refused(500, 'A fault of our own', REPORT),
};
