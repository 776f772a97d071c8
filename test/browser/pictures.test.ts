import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takePictures } from '../../scripts/picture-story.ts';
import { describeInBrowser } from './chromium.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

describeInBrowser('the pictures of the papers', () => {
  test('can be taken at any time, and are small', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'salvor-pictures-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = await takePictures(folder);
    expect(files.map((file) => basename(file))).toEqual([
      'slack-light.png',
      'slack-dark.png',
      'approval-light.png',
      'approval-dark.png',
      'incident-light.png',
      'incident-dark.png',
    ]);
    for (const file of files) {
      const picture = readFileSync(file);
      expect(picture.subarray(0, 4), file).toEqual(PNG);
      expect(picture.length, file).toBeLessThan(200_000);
    }
  });
});
