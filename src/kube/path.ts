import { isDnsLabel, isPathSegment } from '../domain/kube-name.ts';
import { SalvorError } from '../model/error.ts';
import { apiPath, type Resource } from './discovery.ts';

/** Paths of the API. Every name is checked, then escaped: names come from alerts and from people. */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = apiPath(resource.apiVersion);
  if (!resource.namespaced || namespace === undefined || namespace === '') return `${root}/${resource.plural}`;
  return `${root}/namespaces/${namespaceSegment(namespace)}/${resource.plural}`;
}

/** The path of one object; a namespaced kind must come with its namespace. */
export function objectPath(resource: Resource, at: { readonly namespace?: string | undefined; readonly name: string }): string {
  if (resource.namespaced && !at.namespace) throw new SalvorError('kube.invalid', `${resource.plural} "${at.name.slice(0, 100)}": the namespace is missing`);
  return `${collectionPath(resource, at.namespace)}/${nameSegment(at.name)}`;
}

/** The path of a pod, for its log and its eviction. */
export function podPath(pod: { readonly namespace: string; readonly name: string }): string {
  return objectPath({ apiVersion: 'v1', plural: 'pods', namespaced: true }, pod);
}

function namespaceSegment(namespace: string): string {
  if (!isDnsLabel(namespace)) throw new SalvorError('kube.invalid', `"${namespace.slice(0, 100)}" cannot be the name of a namespace`);
  return encodeURIComponent(namespace);
}

function nameSegment(name: string): string {
  if (!isPathSegment(name)) throw new SalvorError('kube.invalid', `"${name.slice(0, 100)}" cannot be the name of an object`);
  return encodeURIComponent(name);
}
