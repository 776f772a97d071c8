import { plain } from '../domain/plain.ts';
import { defined } from '../model/defined.ts';
import type { Incident } from '../model/incident.ts';
import { formatTime } from '../model/time.ts';
import type { ChatMessage } from '../port/chat.ts';
import { updateKey } from './thread.ts';

/**
 * What others are told about an incident: one message that is edited. How it stands, who can be asked, and the last words of a person; nothing of plans,
 * evidence or runs.
 */
export function renderUpdate(incident: Incident): ChatMessage {
  const { id, severity, state, cluster, openedMs, mitigatedMs, closedMs, lead, communications, update } = incident;
  const title = plain(incident.title, 200);
  const said = update === undefined ? undefined : { ...update, text: plain(update.text, 1000) };
  const sinceMs = (state === 'closed' ? closedMs : state === 'mitigated' ? mitigatedMs : undefined) ?? openedMs;
  const lines = [
    ...(said === undefined ? [] : [`${said.text} (${said.by}, ${formatTime(said.atMs)})`]),
    `Cluster ${cluster}, ${state} since ${formatTime(sinceMs)}`,
    ...(communications === undefined ? [] : [`Communications: ${communications}`]),
    ...(lead === undefined ? [] : [`Lead: ${lead}`]),
  ];
  return {
    key: updateKey(id),
    thread: id,
    kind: 'update',
    title: plain(`${severity} ${title}: ${state}`, 250),
    lines: lines.map((line) => plain(line, 1200)),
    update: { severity, state, title, cluster, openedMs, sinceMs, ...defined({ lead, communications, said }) },
  };
}
