import { type Desk, type Visitor, whoHas } from '../desk.ts';
import type { Starting } from './start-form.ts';

type Sender = { readonly user: { readonly id: string; readonly team_id?: string | undefined }; readonly team?: { readonly id: string } | null | undefined };

/** Who looks for something to choose in a form that was opened in the right place. */
export function lookerAt(desk: Desk, { user, team }: Sender, { channel }: Pick<Starting, 'channel'>): Promise<Visitor> {
  return desk.admit({
    user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' },
    place: { id: channel, name: '' },
    inForm: true,
    reads: true,
    about: undefined,
    who: whoHas(desk, 'read'),
    tried: { not: 'Not shown' },
  });
}
