/** Whether Salvor made it in one of these steps: the stepKeys of what a run has begun. */
export function isOneOf({ stepKey }: { readonly stepKey?: string }, begun: readonly string[]): boolean {
  return stepKey !== undefined && begun.includes(stepKey);
}
