import { readFileSync } from 'node:fs';
import type { KubeObject } from '../../../../src/model/object.ts';

/** Texts and objects as a Velero 1.18 server with an S3 store wrote them. */
const FOLDER = new URL('../../../fixtures/velero-answers/', import.meta.url);

export const answerText = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8').trimEnd();
export const answerJson = (name: string): unknown => JSON.parse(answerText(name));

export function backupObject(name: string, rest: { readonly [field: string]: unknown } = {}): KubeObject {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: 'velero', uid: `uid-${name}`, creationTimestamp: '2026-11-21T02:00:00Z' },
    ...rest,
  };
}
