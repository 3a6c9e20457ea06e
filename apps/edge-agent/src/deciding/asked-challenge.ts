import {
  type ChallengeEvent,
  type ChallengeKind,
  type ChallengeState,
  type FacePosture,
  isOpenChallenge,
  type MonotonicMs,
  postureOf,
  postureOfFive,
  startChallenge,
  stepChallenge,
} from '@latchkey/domain';
import type { SeenFace } from '@latchkey/vision';
import type { FaceSighting, VotingQuestion } from './presence.ts';

/** What one presence was asked to do before it is let in as a person. */
export class AskedChallenge {
  readonly personId: string;
  /** The newest frame of it, for the event that tells how it ended. */
  sighting: FaceSighting;
  state: ChallengeState;
  private readonly question: VotingQuestion;

  /** @param chance 0 (inclusive) … 1 (exclusive), that nobody can foresee. */
  constructor(
    personId: string,
    question: VotingQuestion,
    sighting: FaceSighting,
    { chance, at }: { readonly chance: number; readonly at: MonotonicMs },
  ) {
    this.personId = personId;
    this.question = question;
    this.sighting = sighting;
    this.state = startChallenge(chance, at, sighting.face.landmarks !== null);
  }

  /** Whether something is still to be done. */
  get isOpen(): boolean {
    return isOpenChallenge(this.state);
  }

  /** What is to be done now; null when it is over. */
  get prompt(): ChallengeKind | null {
    return this.isOpen ? this.state.kind : null;
  }

  /** Whether it was asked about this gallery and claim: the answer to another question says nothing. */
  isAbout({ generation, claim }: VotingQuestion): boolean {
    return this.question.generation === generation && this.question.claim === claim;
  }

  /** Who was claimed to stand there when it was asked, null: nobody. */
  get claimedPersonId(): string | null {
    return this.question.claim?.personId ?? null;
  }

  /**
   * The presence was seen in one more frame.
   * @param personId whose face that frame shows, null when nobody's, or when it was not looked at.
   */
  see(sighting: FaceSighting, personId: string | null): void {
    this.sighting = sighting;
    const at = sighting.frame.capturedMonotonicMs;
    const posture = postureOfFace(sighting.face);
    const isAsked = personId === this.personId;
    const event: ChallengeEvent = posture ? { type: 'face', at, posture, isAsked } : { type: 'tick', at };
    this.state = stepChallenge(this.state, event);
  }
}

/** Eyes and head of a face, as far as its points show them; null when they show nothing. */
export function postureOfFace({ landmarks, points }: SeenFace): FacePosture | null {
  return landmarks ? postureOf(landmarks) : postureOfFive(points);
}
