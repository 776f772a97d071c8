/** Text for people, at most so many characters; what was longer ends in an ellipsis. Characters are code points, so that none is cut in two. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // No character has more than two units, so the rest of a huge text is not looked at.
  const points = Array.from(text.slice(0, 2 * most));
  if (points.length <= most && text.length <= 2 * most) return text;
  const kept = points.slice(0, Math.max(0, most - 1)).join('');
  return `${kept.trimEnd()}…`;
}
