// `npm run pictures`: takes the pictures for the papers anew, into docs/pictures or the folder that is named.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { takePictures } from './picture-story.ts';

const [folder = join(import.meta.dirname, '..', 'docs', 'pictures')] = process.argv.slice(2);
for (const file of await takePictures(folder)) process.stdout.write(`${file} (${Math.ceil(statSync(file).size / 1000)} kB)\n`);
