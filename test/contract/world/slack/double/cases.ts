import type { Case } from './case.ts';
import { AS_ASKED } from './cases-as-asked.ts';
import { CHANNELS, READING } from './cases-channels.ts';
import { OWN_CHANNEL } from './cases-own-channel.ts';
import { FILES, MARKS, PEOPLE, VIEWS } from './cases-people.ts';
import { POSTS, TOKENS } from './cases-posts.ts';

/** Every case that both doubles are put to, in the order of the table. */
export const CASES: readonly Case[] = [...TOKENS, ...POSTS, ...READING, ...CHANNELS, ...MARKS, ...PEOPLE, ...VIEWS, ...FILES, ...OWN_CHANNEL, ...AS_ASKED];
