import { z } from 'zod';
import { isDnsLabel, isDnsSubdomain } from '../kube-name.ts';

/** `shop/api-0`: a pod as people and alerts name it. */
export const PodPath = z.string().refine(isPodPath, 'expected a pod as namespace/name');

function isPodPath(text: string): boolean {
  const { namespace, name, more } = split(text);
  return more.length === 0 && isDnsLabel(namespace) && isDnsSubdomain(name);
}

export function podParts(path: string): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = split(path);
  return { namespace, name };
}

function split(text: string): { readonly namespace: string; readonly name: string; readonly more: readonly string[] } {
  const [namespace = '', name = '', ...more] = text.split('/');
  return { namespace, name, more };
}
