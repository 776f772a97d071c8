/** A path of this site; anything that a browser would take for another site is the first page. */
export function ownPath(to: string): string {
  return /^\/(?![/\\])[^\\]*$/.test(to) && !to.startsWith('/login') ? to : '/';
}
