import { LatchkeyError } from '@latchkey/domain';
import { type Proportion, proportion } from './binomial-interval.ts';

/** Presentations of one kind: the liveness scores, 0 … 1, and how many gave none because no face was found. */
export interface Presentations {
  readonly scores: readonly number[];
  readonly nonResponses: number;
}

/** Attacks of one kind (PAI species of ISO/IEC 30107-3): prints of one printer, one screen, one mask. */
export interface AttackSpecies extends Presentations {
  readonly species: string;
}

/** What is evaluated: living people, and attacks by kind; kinds are never mixed, because an attacker takes the best one. */
export interface LivenessTrials {
  readonly bonaFide: Presentations;
  readonly attacks: readonly AttackSpecies[];
}

/** Errors when scores from `threshold` on count as alive, each with its 95 % interval (see {@link proportion}). */
export interface LivenessErrors {
  readonly threshold: number;
  /** Bona fide presentation classification error rate: living people who are taken for pictures. */
  readonly bpcer: Proportion;
  /** Attack presentation classification error rate of each kind: attacks that are taken for living people. */
  readonly apcer: readonly ({ readonly species: string } & Proportion)[];
  /** The kind that is told worst; null without attacks. Its APCER is the one to report. */
  readonly worst: string | null;
}

/** How often no face was found, so that nothing could be classified. */
export interface NonResponseRates {
  /** Bona fide presentation non-response rate. */
  readonly bpnrr: Proportion;
  /** Attack presentation non-response rate of each kind. */
  readonly apnrr: readonly ({ readonly species: string } & Proportion)[];
}

/**
 * APCER and BPCER at a threshold after ISO/IEC 30107-3. Presentations without a face are in neither.
 * @throws LatchkeyError `invalid-input` for a kind without any score, or a score that is not one of 0 … 1.
 */
export function livenessErrorsAt({ bonaFide, attacks }: LivenessTrials, threshold: number): LivenessErrors {
  const living = checked(bonaFide.scores, 'bona fide');
  const apcer = attacks.map(({ species, scores }) => ({
    species,
    ...proportion(checked(scores, species).filter((score) => score >= threshold).length, scores.length),
  }));
  const worst = apcer.reduce<(typeof apcer)[number] | null>(
    (most, each) => (most === null || each.rate > most.rate ? each : most),
    null,
  );
  return {
    threshold,
    bpcer: proportion(living.filter((score) => score < threshold).length, living.length),
    apcer,
    worst: worst?.species ?? null,
  };
}

/**
 * The highest threshold at which no more than a wanted share of living people is rejected: a score of the trials, or 0.
 * @param wanted BPCER, 0 … 1.
 * @throws LatchkeyError `invalid-input` as {@link livenessErrorsAt}.
 */
export function thresholdForBpcer({ scores }: Presentations, wanted: number): number {
  const sorted = checked(scores, 'bona fide').toSorted((a, b) => a - b);
  const rejected = Math.floor(wanted * sorted.length + 1e-9);
  return rejected >= sorted.length ? 1 : (sorted[rejected] ?? 0);
}

/** How often no face was found. */
export function nonResponseRates({ bonaFide, attacks }: LivenessTrials): NonResponseRates {
  const share = ({ scores, nonResponses }: Presentations): Proportion =>
    proportion(nonResponses, scores.length + nonResponses);
  return {
    bpnrr: share(bonaFide),
    apnrr: attacks.map((attack) => ({ species: attack.species, ...share(attack) })),
  };
}

function checked(scores: readonly number[], kind: string): readonly number[] {
  if (scores.length === 0) {
    throw new LatchkeyError('invalid-input', `No picture of "${kind}" shows a face; pass others.`);
  }
  if (!scores.every((score) => score >= 0 && score <= 1)) {
    throw new LatchkeyError('invalid-input', `A score of "${kind}" is not between 0 and 1; measure again.`);
  }
  return scores;
}
