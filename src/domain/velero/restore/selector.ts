/** `app=web,tier=db` as labels that all have to match; undefined where it is not written so. Source: Kubernetes documentation, "Labels and Selectors". */
export function readSelector(text: string): { readonly [label: string]: string } | undefined {
  const pairs = text.split(',').map((part) => part.trim().split('='));
  const labels = pairs.flatMap(([name = '', value = '', ...more]) =>
    more.length === 0 && NAME.test(name) && VALUE.test(value) ? [[name, value] as const] : [],
  );
  return labels.length === pairs.length ? Object.fromEntries(labels) : undefined;
}

const NAME = /^(?:[a-z0-9](?:[-a-z0-9.]{0,250}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
