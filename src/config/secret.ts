import { readFileSync, statSync } from 'node:fs';
import { errorText, SalvorError } from '../model/error.ts';
import type { Secret } from './units.ts';

type Environment = { readonly [name: string]: string | undefined };
type Kept = { readonly print: string; readonly value: string };

const files = new Map<string, Kept>();

/**
 * The value of a secret, read when it is needed and never kept in the configuration. A file is read again when it changed;
 * one newline at its end is not part of the value. Throws `config.invalid` where it is missing or empty, with its name, never its value.
 */
export function readSecret(secret: Secret, environment: Environment = process.env): string {
  if ('env' in secret) {
    const value = environment[secret.env];
    if (value === undefined || value === '')
      throw new SalvorError('config.invalid', `the environment variable ${secret.env} is not set: set it before the start, or name a file, { file: PATH }`);
    return value;
  }
  const value = readSecretFile(secret.file);
  if (value === '') throw new SalvorError('config.invalid', `the secret file ${secret.file} is empty: write the secret into it, as its only line`);
  return value;
}

/** Why a secret cannot be read; undefined where it can. */
export function secretFault(secret: Secret, environment: Environment = process.env): string | undefined {
  try {
    readSecret(secret, environment);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

function readSecretFile(file: string): string {
  try {
    const { mtimeMs, ino, size } = statSync(file);
    const print = `${mtimeMs} ${ino} ${size}`;
    const kept = files.get(file);
    if (kept?.print === print) return kept.value;
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    files.set(file, { print, value });
    return value;
  } catch (error) {
    throw new SalvorError(
      'config.invalid',
      `the secret file ${file} cannot be read: ${errorText(error)}. Make it readable for the user that Salvor runs as, or name another`,
      { cause: error },
    );
  }
}
