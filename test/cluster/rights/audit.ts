import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Permission, permissionText } from '../../../src/domain/permission.ts';
import type { Cluster } from '../cluster.ts';

/** A request of Salvor about a resource, as the API server wrote it down. */
export type Asked = {
  readonly permission: Permission;
  readonly code: number;
  /** Of the account: one that was made again has another. */
  readonly uid: string;
};

const SERVER = /^salvor\/\S+$/;

const Line = z.looseObject({
  user: z.looseObject({ username: z.string(), uid: z.string().default('') }),
  userAgent: z.string().default(''),
  verb: z.string(),
  objectRef: z
    .looseObject({
      resource: z.string().optional(),
      subresource: z.string().optional(),
      apiGroup: z.string().default(''),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
  responseStatus: z.looseObject({ code: z.number() }).optional(),
});

/** Everything that the server (not `salvor check`) asked for as this user so far, oldest first; paths without a resource (discovery, health) are everybody's. */
export function askedBy(user: string, { dir }: Cluster): readonly Asked[] {
  return readFileSync(join(dir, 'log', 'audit.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1) // what is behind the last end of a line is still being written
    .flatMap((text): readonly Asked[] => {
      if (!text.includes(`"${user}"`)) return [];
      const { user: who, userAgent, verb, objectRef, responseStatus } = Line.parse(JSON.parse(text));
      if (who.username !== user || !SERVER.test(userAgent) || objectRef?.resource === undefined) return [];
      const { resource, subresource, apiGroup: group, namespace, name } = objectRef;
      const what = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [
        { permission: { verb, group, resource: what, ...(namespace && { namespace }), ...(name && { name }) }, code: responseStatus?.code ?? 0, uid: who.uid },
      ];
    });
}

/** Everything but looks and questions: what a user changed, by name. */
export function written(asked: readonly Asked[]): readonly string[] {
  return asked
    .filter(({ permission: { verb, resource }, code }) => !['get', 'list', 'watch'].includes(verb) && resource !== 'selfsubjectaccessreviews' && code < 400)
    .map(({ permission }) => permissionText(permission));
}
