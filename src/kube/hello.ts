import { z } from 'zod';
import { errorCode } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Wire } from './request.ts';

/** What an API server says of itself. */
export type Hello = {
  /** `v1.37.1`; `unknown` where it does not say. */
  readonly version: string;
  /** Its own time, as whole seconds; absent where a proxy took it away. */
  readonly serverMs?: number;
};

const Version = z.looseObject({ gitVersion: z.string() });

/** Asks for the version, which every signed-in user may see, and hears the time with the answer. Throws where nobody answers, or we are not known. */
export async function sayHello(wire: Wire): Promise<Hello> {
  let date: string | undefined;
  const heard = (headers: { readonly date?: string | undefined }): void => void (date = headers.date);
  const body = await wire.send({ method: 'GET', path: '/version', heard }).catch((error: unknown) => {
    // It answered, and knows us: that is all that was asked.
    if (errorCode(error) === 'kube.forbidden' || errorCode(error) === 'kube.not-found') return '{}';
    throw error;
  });
  const serverMs = date === undefined ? Number.NaN : Date.parse(date);
  return { version: Version.safeParse(parseJson(body)).data?.gitVersion ?? 'unknown', ...(Number.isNaN(serverMs) ? {} : { serverMs }) };
}
