/** Which namespaces of a cluster playbooks may touch. Patterns are names in which `*` stands for any run of characters. */
export type NamespaceScope = { readonly include: readonly string[]; readonly exclude: readonly string[] };

export const everyNamespace: NamespaceScope = { include: ['*'], exclude: [] };

/** Why a namespace is out of scope, or undefined where it is inside. What is excluded stays so, whatever includes it. */
export function outOfScope(namespace: string, { include, exclude }: NamespaceScope): string | undefined {
  const excluded = exclude.find((pattern) => fits(namespace, pattern));
  if (excluded !== undefined) return `the namespace ${namespace} is out of scope: namespaces.exclude names ${excluded}`;
  if (include.some((pattern) => fits(namespace, pattern))) return undefined;
  return `the namespace ${namespace} is out of scope: namespaces.include names only ${include.join(', ') || 'nothing'}`;
}

/** Compares piece by piece, so that a pattern costs no more than its length times the name's. */
function fits(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
