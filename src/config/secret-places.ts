import { isAbsolute, join } from 'node:path';
import type { FieldPath } from '../model/problem.ts';
import type { ConfigFile } from './schema.ts';
import type { Secret } from './units.ts';

/** A secret and the field that names it. */
export type PlacedSecret = { readonly secret: Secret; readonly path: FieldPath };

/** Every secret that the file names. Values of playbooks are the site's own text, whatever they look like. */
export function secretsIn({ playbooks: _playbooks, ...settings }: ConfigFile): readonly PlacedSecret[] {
  return walk(settings, []);
}

function walk(value: unknown, path: FieldPath): readonly PlacedSecret[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isSecret(value)) return [{ secret: value, path }];
  if (Array.isArray(value)) return value.flatMap((one, index) => walk(one, [...path, index]));
  return Object.entries(value).flatMap(([key, one]) => walk(one, [...path, key]));
}

/** The same settings, with the files of secrets taken from a folder where they are relative. */
export function absoluteSecrets({ playbooks, ...settings }: ConfigFile, folder: string): ConfigFile {
  return { ...moved(settings, folder), playbooks };
}

function moved<T>(value: T, folder: string): T {
  const move = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (isSecret(one)) return 'file' in one && !isAbsolute(one.file) ? { file: join(folder, one.file) } : one;
    return Array.isArray(one) ? one.map(move) : Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, move(inner)]));
  };
  return move(value) as T;
}

function isSecret(value: object): value is Secret {
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && (key === 'env' || key === 'file') && Object.values(value).every((one) => typeof one === 'string');
}
