import type { Requirement } from '../model/approval.ts';

/** What a requirement asks of people, in words. */
export function requirementText(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'none':
      return 'asks nobody: it changes nothing';
    case 'auto':
      return 'automatic, within its limits';
    case 'people':
      return requirement.words;
    case 'hold':
      return `nobody may approve: ${requirement.reason}`;
  }
}
