import { expect, test } from 'vitest';
import { newestWarnings, readEvent } from '../../../src/domain/event.ts';

const event = (fields: object) => readEvent({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', creationTimestamp: '2026-11-21T10:00:00Z' }, ...fields });

test('an event of either API is read with its newest time and how often it came', () => {
  expect(event({ type: 'Warning', reason: 'Unhealthy', message: 'probe failed', count: 7, lastTimestamp: '2026-11-21T11:00:00Z' })).toEqual({
    reason: 'Unhealthy',
    message: 'probe failed',
    isWarning: true,
    count: 7,
    atMs: Date.UTC(2026, 10, 21, 11),
  });
  const series = { count: 3, lastObservedTime: '2026-11-21T11:30:00.000000Z' };
  expect(event({ type: 'Normal', eventTime: '2026-11-21T11:00:00.000000Z', series })).toMatchObject({
    isWarning: false,
    count: 3,
    atMs: Date.UTC(2026, 10, 21, 11, 30),
  });
  expect(event({})).toMatchObject({ count: 1, atMs: Date.UTC(2026, 10, 21, 10) });
});

test('warnings come before the rest, and the newest first', () => {
  const told = [
    event({ reason: 'Pulled', type: 'Normal', lastTimestamp: '2026-11-21T12:00:00Z' }),
    event({ reason: 'Old', type: 'Warning', lastTimestamp: '2026-11-21T10:00:00Z' }),
    event({ reason: 'New', type: 'Warning', lastTimestamp: '2026-11-21T11:00:00Z' }),
  ];
  expect(newestWarnings(told).map(({ reason }) => reason)).toEqual(['New', 'Old', 'Pulled']);
});
