import { talkLaneId } from '../../model/identity.ts';
import { formatTime } from '../../model/time.ts';
import type { ChatMessage } from '../../port/chat.ts';
import type { Change } from '../../port/store.ts';
import { NOTICE_MS } from './acts.ts';
import type { ChannelLane } from './lane.ts';

/** What people in the channel are told a day before it is archived. */
export function quietNotice({ incident, id = '', noticeMs = 0 }: ChannelLane): Change {
  const message: ChatMessage = {
    key: `${incident}/quiet/${noticeMs}`,
    thread: incident,
    kind: 'timeline',
    title: `This channel is archived at ${formatTime(noticeMs + NOTICE_MS)}: the incident is over and nobody said anything here for days`,
    lines: ['Say something here, and it stays.'],
    aloud: true,
  };
  return { do: 'mail', to: talkLaneId(incident, id), key: message.key, value: { message } };
}
