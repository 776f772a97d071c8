/**
 * Names of Kubernetes objects. Text that came from an alert or a person is checked here before it becomes a part of a path.
 * Source  Kubernetes documentation, "Object Names and IDs"; RFC 1123.
 */
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_LENGTH = 63;
const SUBDOMAIN_LENGTH = 253;

/** An RFC 1123 label: the name of a namespace, a container, a label value's strict form. */
export function isDnsLabel(text: string): boolean {
  return text.length > 0 && text.length <= LABEL_LENGTH && LABEL.test(text);
}

/** An RFC 1123 subdomain: the name of a node, a pod, a backup, and of most kinds. */
export function isDnsSubdomain(text: string): boolean {
  return text.length > 0 && text.length <= SUBDOMAIN_LENGTH && text.split('.').every((part) => LABEL.test(part));
}

/** What every kind asks at least (roles are named `system:node`): one path segment that cannot climb, and no control characters. */
export function isPathSegment(text: string): boolean {
  return text.length > 0 && text.length <= SUBDOMAIN_LENGTH && text !== '.' && text !== '..' && !/[/%\p{Cc}]/u.test(text);
}
