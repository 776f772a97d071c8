import { cutsProof } from './cuts.ts';
import { driversProof } from './drivers.ts';
import { killsProof, plantedKillsProof } from './kills.ts';
import type { Proof, Size } from './proof.ts';
import { redisProofs } from './redis.ts';
import { rehearsalsProof } from './rehearsals.ts';
import { plantedProof, simulationProof } from './simulation.ts';

const MINUTE_MS = 60_000;

/** What `npm run prove` takes its time for: some hours on two cores. */
export const WHOLE: Size = {
  seeds: 10_000,
  from: 1,
  bugSeeds: 300,
  kills: 1000,
  killsWithinMs: 60 * MINUTE_MS,
  bugKills: 40,
  part: 1,
  rounds: 50,
  roundsWithinMs: 15 * MINUTE_MS,
  cuts: 1000,
  seed: 'prove',
};

/** A few minutes: whether every proof still runs and finds what it should. */
export const QUICK: Size = {
  ...WHOLE,
  seeds: 50,
  bugSeeds: 100,
  kills: 8,
  killsWithinMs: MINUTE_MS,
  bugKills: 25,
  part: 0.02,
  rounds: 1,
  roundsWithinMs: MINUTE_MS,
  cuts: 20,
};

/** Every proof, in the order of the table. `bug`: planted into the simulation. */
export const proofs = (bug?: string): readonly Proof[] => [
  simulationProof(bug),
  plantedProof,
  rehearsalsProof,
  driversProof,
  killsProof,
  plantedKillsProof,
  cutsProof,
  ...redisProofs,
];
