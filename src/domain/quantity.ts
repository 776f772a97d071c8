const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** `500m` → 0.5, `2Gi` → 2147483648, `1e3` → 1000: CPUs, bytes or a count. Undefined for what is no quantity of Kubernetes. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, exponent, suffix = ''] = QUANTITY.exec(text) ?? [];
  const factor = FACTORS.get(suffix);
  if (digits === undefined || factor === undefined) return undefined;
  return exponent === undefined ? Number(digits) * factor : Number(digits + exponent);
}
