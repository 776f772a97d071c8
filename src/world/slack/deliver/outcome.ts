import type { Json, JsonObject } from '../../../model/json.ts';

/** What kind of thing Slack sends to the app; each has its own form on the wire. */
export type Kind = 'slash_commands' | 'interactive' | 'events_api';

/** Something for the app. */
export type Letter = { readonly kind: Kind; readonly payload: JsonObject; readonly attempt?: { readonly number: number; readonly reason: string } };

/** How a letter went: acknowledged with what the app answered, or why not. */
export type Outcome =
  | { readonly acknowledged: true; readonly afterMs: number; readonly answer: Json | undefined }
  | { readonly acknowledged: false; readonly afterMs: number; readonly why: 'nobody listens' | 'no answer within 3 s' | 'connection lost' | `http ${number}` };

/** A way to the app: a socket, or a request to its address. */
export type Way = { send(letter: Letter): Promise<Outcome> };
