import { describe, expect, test } from 'vitest';
import { type Admission, admission, type Place, type Refusal } from '../../../src/http/admission.ts';
import { silentLog } from '../../../src/port/log.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const MIB = 1024 * 1024;
const SMALL = 1200;

function scene() {
  const clock = virtualClock();
  const told: { readonly name: string; readonly facts: unknown }[] = [];
  const log = { ...silentLog, warn: (name: string, facts?: unknown) => void told.push({ name, facts }) };
  return { clock, told, door: admission({ clock, log }) };
}

const isPlace = (one: Place | Refusal): one is Place => 'leave' in one;

/** A whole body that waits for the store, or why not. */
function send(door: Admission, sender = 'prod', bytes = SMALL): Place | Refusal {
  const place = door.enter(sender);
  if (!isPlace(place)) return place;
  const crowded = place.take(bytes);
  if (crowded === undefined) place.store();
  else place.leave();
  return crowded ?? place;
}

/** Sends until somebody is refused; answers who is let in, and why the next is not. */
function fill(door: Admission, sender = 'prod', bytes = SMALL): { readonly places: readonly Place[]; readonly refusal: Refusal } {
  const places: Place[] = [];
  for (;;) {
    const one = send(door, sender, bytes);
    if (!isPlace(one)) return { places, refusal: one };
    places.push(one);
    if (places.length > 200_000) throw new Error('everybody is let in');
  }
}

/** The store takes these one after the other, so many a second. */
async function drain(clock: ReturnType<typeof virtualClock>, places: readonly Place[], perSecond: number): Promise<void> {
  for (const [at, place] of places.entries()) {
    if (at % 10 === 0) await clock.pass(10_000 / perSecond);
    place.leave();
  }
}

describe('who may wait for the store', () => {
  test('everybody, where many go together and a busy machine makes them wait: a few hundred ms are no reason to refuse', async () => {
    const { clock, door } = scene();
    for (let round = 0; round < 50; round += 1) {
      const places = Array.from({ length: 64 }, () => send(door));
      await clock.pass(round % 5 === 0 ? 400 : 30);
      for (const place of places) {
        expect(place).not.toHaveProperty('why');
        if (isPlace(place)) place.leave();
      }
    }
  });

  test('as many as can be durable in time: fewer where the store turned out to be slow, and as many as before once it is quick again', async () => {
    const { clock, door } = scene();
    const first = fill(door);
    expect(first.refusal).toMatchObject({ why: 'late' });
    await drain(clock, first.places, 200);
    const second = fill(door);
    expect(second.refusal.detail).toMatch(/^About [12]\d{3} ms of webhooks wait/);
    // Half of 4 s at 200 a second, for a lone sender.
    expect(second.places.length).toBeGreaterThan(300);
    expect(second.places.length).toBeLessThan(500);
    let places = second.places;
    for (let round = 0; round < 6; round += 1) {
      await drain(clock, places, 4000);
      places = fill(door).places;
    }
    expect(places.length).toBeGreaterThan(6000);
  });

  test('nobody, where the oldest waits for three seconds already, until the store answers', async () => {
    const { clock, door } = scene();
    const oldest = send(door);
    await clock.pass(2999);
    expect(isPlace(send(door))).toBe(true);
    await clock.pass(1);
    expect(send(door)).toMatchObject({ why: 'late', detail: 'The store has not answered for 3000 ms. Send it again', retryAfterMs: 3000 });
    if (isPlace(oldest)) oldest.leave();
    expect(isPlace(send(door))).toBe(true);
  });

  test('a few always, however slow the store was: so it is found out when it is quick again', async () => {
    const { clock, door } = scene();
    const stalled = Array.from({ length: 20 }, () => send(door));
    await clock.pass(600_000);
    for (const one of stalled) if (isPlace(one)) one.leave();
    const { places } = fill(door);
    expect(places.length).toBeGreaterThan(20);
    expect(places.length).toBeLessThan(40);
  });

  test('no more bytes than there is memory for, of bodies that are still being read too', () => {
    const { door } = scene();
    const reading = [door.enter('prod'), door.enter('prod'), door.enter('prod')];
    const taken = reading.map((place) => (isPlace(place) ? place.take(12 * MIB) : place));
    expect(taken).toMatchObject([undefined, undefined, { why: 'crowded', detail: `${24 * MIB} bytes of webhooks wait for the store already. Send it again` }]);
    if (reading[0] !== undefined && isPlace(reading[0])) reading[0].leave();
    expect(isPlace(send(door, 'prod', 12 * MIB))).toBe(true);
  });

  test('a body of the largest size that is configured, whatever that is', () => {
    const { clock } = scene();
    const door = admission({ clock, log: silentLog, bodyBytes: 200 * MIB });
    expect(isPlace(send(door, 'prod', 200 * MIB))).toBe(true);
  });

  test('another sender, where one has filled all the room that it can have: in bytes, and in time', () => {
    const inBytes = scene().door;
    fill(inBytes, 'noisy', 4 * MIB);
    expect(isPlace(send(inBytes, 'quiet', 4 * MIB))).toBe(true);
    const inTime = scene().door;
    fill(inTime, 'noisy');
    expect(isPlace(send(inTime, 'quiet'))).toBe(true);
    expect(isPlace(send(inTime, 'noisy'))).toBe(false);
  });

  test('what left, in whatever order and however often it says so, leaves nothing behind', () => {
    const { door } = scene();
    const before = fill(door).places;
    for (const place of before.toReversed()) {
      place.leave();
      place.leave();
    }
    expect(fill(door).places).toHaveLength(before.length);
  });
});

test('the log is told at once that webhooks are refused and why, and then every ten seconds how many', async () => {
  const { clock, told, door } = scene();
  send(door);
  await clock.pass(3000);
  for (let second = 0; second < 25; second += 1) {
    for (let one = 0; one < 100; one += 1) send(door);
    await clock.pass(1000);
  }
  expect(told.map(({ name }) => name)).toEqual(['webhook.overload', 'webhook.overload', 'webhook.overload']);
  expect(told.map(({ facts }) => facts)).toMatchObject([
    { why: 'late', refused: 1, waiting: 1, waitingBytes: SMALL },
    { why: 'late', refused: 1000 },
    { why: 'late', refused: 1000 },
  ]);
});
