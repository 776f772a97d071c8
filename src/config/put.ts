import type { FieldPath } from '../model/problem.ts';

/** Notes a problem at its place in the file; without a message there is none. */
export type Put = (path: FieldPath, message: string | undefined, options?: { readonly warning?: true }) => void;
