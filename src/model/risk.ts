/** What a change can cost. Ordered: a plan has its highest. */
export type Risk = 'read' | 'reversible' | 'destructive';

const ORDER: readonly Risk[] = ['read', 'reversible', 'destructive'];

export function highestRisk(risks: readonly Risk[]): Risk {
  return risks.reduce<Risk>((high, risk) => (ORDER.indexOf(risk) > ORDER.indexOf(high) ? risk : high), 'read');
}
