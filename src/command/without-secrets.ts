import { redact } from '../domain/redact.ts';
import type { Commands } from '../port/commands.ts';

/** What people write goes into journals, for good: what looks like a secret is taken out before anything is stored. */
export function withoutSecrets(commands: Commands): Commands {
  return {
    ...commands,
    note: (caller, id, note) => commands.note(caller, id, { ...note, text: redact(note.text) }),
    page: (caller, id, why) => commands.page(caller, id, { ...why, reason: redact(why.reason) }),
    closeIncident: (caller, id, why) => commands.closeIncident(caller, id, { ...why, reason: redact(why.reason) }),
    update: (caller, id, update) => commands.update(caller, id, { ...update, text: redact(update.text) }),
    approve: (caller, id, press) =>
      commands.approve(caller, id, { ...press, ...(press.breakGlass === undefined ? {} : { breakGlass: redact(press.breakGlass) }) }),
    hold: (caller, id, press) => commands.hold(caller, id, { ...press, reason: redact(press.reason) }),
    startRun: (caller, request) => commands.startRun(caller, { ...request, reason: redact(request.reason) }),
    reject: (caller, id, press) => commands.reject(caller, id, { ...press, reason: redact(press.reason) }),
    cancel: (caller, id, press) => commands.cancel(caller, id, { ...press, ...(press.reason === undefined ? {} : { reason: redact(press.reason) }) }),
    supersede: (caller, id, press) => commands.supersede(caller, id, { ...press, reason: redact(press.reason) }),
    freeze: (caller, of) => commands.freeze(caller, { ...of, name: redact(of.name), reason: redact(of.reason) }),
    pause: (caller, scope) => commands.pause(caller, { ...scope, reason: redact(scope.reason) }),
  };
}
