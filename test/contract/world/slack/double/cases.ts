import type { Case } from './case.ts';
import { CHANNELS, READING } from './cases-channels.ts';
import { FILES, MARKS, PEOPLE, VIEWS } from './cases-people.ts';
import { POSTS, TOKENS } from './cases-posts.ts';

/** Every case that both doubles are put to, in the order of the table. */
export const CASES: readonly Case[] = [...TOKENS, ...POSTS, ...READING, ...CHANNELS, ...MARKS, ...PEOPLE, ...VIEWS, ...FILES];
