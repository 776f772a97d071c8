/** A full restore in the order in which things stand on each other: the namespaces of one wave at once, one wave after the other. */

/** Of the cluster itself: a restore over them breaks what runs it. */
const NEVER: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** `infra, certs; shop` → two waves; a name that is none is left out. */
export function readOrder(text: string): readonly (readonly string[])[] {
  const waves = text.split(';').map((wave) =>
    wave
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  );
  return waves.filter((wave) => wave.length > 0);
}

export type Waves = {
  readonly waves: readonly (readonly string[])[];
  /** Named in the order, and not in the backup. */
  readonly unknown: readonly string[];
  /** In the backup, and never restored: the cluster's own, and Velero's. */
  readonly left: readonly string[];
};

/** What the order does not name comes last, in one wave. */
export function wavesOf(namespaces: readonly string[], order: readonly (readonly string[])[], velero: string): Waves {
  const left = namespaces.filter((one) => NEVER.has(one) || one === velero);
  const wanted = namespaces.filter((one) => !left.includes(one));
  const named = order.map((wave) => wave.filter((one) => wanted.includes(one)));
  const first = new Set(named.flat());
  return {
    waves: [...named, wanted.filter((one) => !first.has(one))].filter((wave) => wave.length > 0),
    unknown: order.flat().filter((one) => !namespaces.includes(one)),
    left,
  };
}

/** In words, where so much of the backup lives here that a full restore is hardly meant. */
export function livesText(wanted: readonly string[], live: readonly string[]): string | undefined {
  if (live.length * 2 <= wanted.length) return undefined;
  return `this cluster lives: ${live.length} of ${wanted.length} namespaces of the backup are here (${live.slice(0, 6).join(', ')}${live.length > 6 ? ' …' : ''})`;
}
