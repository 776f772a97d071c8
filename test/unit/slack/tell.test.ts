import { describe, expect, test } from 'vitest';
import { isSlacks } from '../../../src/slack/tell.ts';

describe('an address for answers', () => {
  test.each([
    ['https://hooks.slack.com/commands/T01/1/x', true],
    ['https://hooks.slack-gov.com/actions/T01/1/x', true],
    ['http://hooks.slack.com/commands/T01', false],
    ['https://hooks.slack.com.example.com/x', false],
    ['https://hooks.slack.com@169.254.169.254/x', false],
    ['https://169.254.169.254/latest', false],
    ['file:///etc/passwd', false],
    ['not an address', false],
  ])('%s is Slack’s own: %s', (url, is) => {
    expect(isSlacks(url, undefined)).toBe(is);
  });

  test('with another Web API it is where that is, and nowhere else', () => {
    expect(isSlacks('http://127.0.0.1:4000/slack/respond/1', 'http://127.0.0.1:4000/slack/api/')).toBe(true);
    expect(isSlacks('http://127.0.0.1:4001/slack/respond/1', 'http://127.0.0.1:4000/slack/api/')).toBe(false);
    expect(isSlacks('https://hooks.slack.com/x', 'http://127.0.0.1:4000/slack/api/')).toBe(false);
  });
});
