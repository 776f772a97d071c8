import type { Sheet } from '../ingest/sheet.ts';
import type { IncidentMail, RunMail } from '../model/mail.ts';

/** Mail to an incident; the same key is told once. */
export function tell(sheet: Sheet, letter: { readonly to: string; readonly key: string }, value: IncidentMail): void {
  sheet.add({ do: 'mail', ...letter, value });
}

/** Mail to a run; the same key is told once. */
export function tellRun(sheet: Sheet, letter: { readonly to: string; readonly key: string }, value: RunMail): void {
  sheet.add({ do: 'mail', ...letter, value });
}
