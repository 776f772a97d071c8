import { SalvorError } from '../../model/error.ts';
import type { Account } from './account.ts';
import type { Happened, Incidents, PagedIncident } from './incidents.ts';

/** Somebody with the PagerDuty app on their phone. Without a number it is about the newest incident that is open. */
export type PagedPerson = {
  acknowledge(number?: number): void;
  resolve(number?: number): void;
  reopen(number: number): void;
  note(text: string, number?: number): void;
  /** To the next level of its policy. */
  escalate(number?: number): void;
  reassign(to: string, number?: number): void;
  prioritize(priority: string, number?: number): void;
  /** Asks somebody else to help. */
  ask(whom: string, text: string, number?: number): void;
  /** Agrees to help. */
  accept(number?: number): void;
  publish(text: string, number?: number): void;
};

/** What people do with incidents. Throws `config.invalid` for whom or what there is not. */
export function pagedPerson({ account, incidents, happened }: { readonly account: Account; readonly incidents: Incidents; readonly happened: Happened }) {
  const userOf = (name: string) => {
    const user = account.user(name);
    if (user === undefined) throw new SalvorError('config.invalid', `the simulated PagerDuty has no user ${name}`);
    return user;
  };
  const at = (number: number | undefined): PagedIncident => {
    const found = incidents.all().findLast((one) => (number === undefined ? one.status !== 'resolved' : one.number === number));
    if (found === undefined) throw new SalvorError('config.invalid', `the simulated PagerDuty has no incident ${number ?? 'that is open'}`);
    return found;
  };
  return (name: string): PagedPerson => {
    const by = userOf(name);
    return {
      acknowledge: (number) => incidents.become(at(number), 'acknowledged', by),
      resolve: (number) => incidents.become(at(number), 'resolved', by),
      reopen: (number) => incidents.become(at(number), 'triggered', by),
      note: (text, number) => void incidents.note(at(number), text, by),
      escalate: (number) => void incidents.escalate(at(number), at(number).level + 1, by),
      reassign: (to, number) => incidents.reassign(at(number), userOf(to), by),
      prioritize: (priority, number) => incidents.prioritize(at(number), priority, by),
      ask: (whom, message, number) => incidents.askFor(at(number), userOf(whom), { message, by }),
      accept: (number) => happened({ type: 'incident.responder.replied', incident: at(number), by, responder: by, message: 'on my way' }),
      publish: (message, number) => happened({ type: 'incident.status_update_published', incident: at(number), by, message }),
    };
  };
}
