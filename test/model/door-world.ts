import {
  answerChallenge,
  type ChallengeBook,
  challengeValidMs,
  type DoorGrant,
  type DoorPolicy,
  type DoorState,
  emptyChallengeBook,
  issueChallenge,
  lockedDoor,
  stepDoor,
} from '@latchkey/domain';
import { BrokenPromise } from './outbox-world.ts';

/** Rules of PROTOCOL.md §4; each can be taken away to see what it prevents. */
export interface DoorRules {
  /** Challenges live in the memory of one process, not on its disk. */
  readonly memoryOnly: boolean;
  /** A challenge is used up by the first answer. */
  readonly singleUse: boolean;
  /** Its time is measured on the boot clock, not on the wall clock. */
  readonly bootClock: boolean;
  /** Central answers the first challenge to a command and no other, in case the question reached the device twice. */
  readonly answerOnce: boolean;
  /** A grant counts only in the process that decided it. */
  readonly sessionBound: boolean;
}

export const allDoorRules: DoorRules = {
  memoryOnly: true,
  singleUse: true,
  bootClock: true,
  answerOnce: true,
  sessionBound: true,
};

/** What can happen. `pick` chooses among what is there. */
export type DoorStep =
  | { readonly type: 'ask' | 'act' | 'restart' | 'power-cut' | 'wipe' | 'backup' | 'restore' }
  | { readonly type: 'deliver' | 'duplicate' | 'lose'; readonly pick: number }
  | { readonly type: 'wait' | 'set-clock'; readonly ms: number };

type Message =
  | { readonly type: 'ask'; readonly commandId: string }
  | { readonly type: 'challenge'; readonly commandId: string; readonly nonce: string }
  | { readonly type: 'answer'; readonly commandId: string; readonly nonce: string };

interface Disk {
  readonly book: ChallengeBook;
  /** The decision that was written last, before the door was told of it. */
  readonly decided: DoorGrant | null;
}

const emptyDisk: Disk = { book: emptyChallengeBook, decided: null };
const command = 'open-door';
const policy: DoorPolicy = {
  holdOpenMs: 500,
  relockMs: 100,
  heldOpenAfterMs: 30_000,
  actuatorTimeoutMs: 2_000,
  grantMaxAgeMs: 2_000,
};

/**
 * A device with its door, central, and a network that delays, doubles, reorders and loses whatever is under way and gives it again at any
 * time; the device may lose power, its disk may be wiped or put back to an older state, its wall clock may be set. Challenges and
 * door are the ones of `libs/domain`.
 */
export class DoorWorld {
  /** Openings so far. */
  moved = 0;
  private readonly rules: DoorRules;
  private readonly network: Message[] = [];
  /** Commands that central has signed. */
  private readonly answered = new Set<string>();
  private readonly opened = new Set<string>();
  /** True time at which a challenge was given, by nonce. */
  private readonly givenAt = new Map<string, number>();
  private disk = emptyDisk;
  private copy = emptyDisk;
  private trueMs = 1_000_000;
  private wallOffsetMs = 0;
  private bootedAt = 0;
  private lives = 0;
  private asked = 0;
  private nonces = 0;
  private book = emptyChallengeBook;
  private state: DoorState = lockedDoor('');
  /** Grants that this process has decided itself. */
  private decidedHere = new Set<DoorGrant>();
  /** Decided in this life, on disk, and the door not yet told. */
  private toAct: DoorGrant[] = [];

  constructor(rules: DoorRules = allDoorRules) {
    this.rules = rules;
    this.powerUp();
  }

  /**
   * One thing happens.
   * @throws BrokenPromise when the door moves twice for one command, for an answer that came too late, or without a live decision.
   */
  step(step: DoorStep): void {
    switch (step.type) {
      case 'ask':
        this.network.push({ type: 'ask', commandId: `command-${this.asked++}` });
        break;
      case 'deliver':
        this.arrive(this.network.splice(step.pick % Math.max(1, this.network.length), 1)[0]);
        break;
      case 'duplicate': {
        const message = this.network[step.pick % Math.max(1, this.network.length)];
        if (message) this.network.push(message);
        break;
      }
      case 'lose':
        this.network.splice(step.pick % Math.max(1, this.network.length), 1);
        break;
      case 'act':
        for (const grant of this.toAct.splice(0)) this.tellDoor(grant);
        break;
      case 'wait':
        this.trueMs += step.ms;
        this.happen({ type: 'tick', at: this.bootMs });
        break;
      case 'set-clock':
        this.wallOffsetMs += step.ms;
        break;
      case 'restart':
        this.begin();
        break;
      case 'power-cut':
        this.powerUp();
        break;
      case 'wipe':
        this.disk = emptyDisk;
        this.powerUp();
        break;
      case 'backup':
        this.copy = this.disk;
        break;
      case 'restore':
        this.disk = this.copy;
        this.powerUp();
        break;
    }
  }

  private get bootMs(): number {
    return this.trueMs - this.bootedAt;
  }

  private get challengeClockMs(): number {
    return this.rules.bootClock ? this.bootMs : this.trueMs + this.wallOffsetMs;
  }

  private get sessionId(): string {
    return `life-${this.lives}`;
  }

  private powerUp(): void {
    this.bootedAt = this.trueMs;
    this.begin();
  }

  /** A new process. */
  private begin(): void {
    this.lives++;
    this.state = lockedDoor(this.sessionId);
    this.toAct = [];
    this.decidedHere = new Set();
    this.book = this.rules.memoryOnly ? emptyChallengeBook : this.disk.book;
    // A careless device goes on with what it finds; the door's own rule must refuse it.
    const { decided } = this.disk;
    if (decided)
      this.tellDoor(
        this.rules.sessionBound ? decided : { ...decided, sessionId: this.sessionId, decidedAt: this.bootMs },
      );
  }

  private arrive(message: Message | undefined): void {
    switch (message?.type) {
      case 'ask': {
        const { commandId } = message;
        const nonce = `nonce-${this.nonces++}`;
        this.keep(issueChallenge(this.book, { command, commandId, nonce }, this.challengeClockMs));
        this.givenAt.set(nonce, this.trueMs);
        this.network.push({ type: 'challenge', commandId, nonce });
        break;
      }
      case 'challenge':
        if (this.rules.answerOnce && this.answered.has(message.commandId)) break;
        this.answered.add(message.commandId);
        this.network.push({ ...message, type: 'answer' });
        break;
      case 'answer':
        this.answer(message.commandId, message.nonce);
        break;
    }
  }

  private answer(commandId: string, nonce: string): void {
    const { book, verdict } = answerChallenge(this.book, { command, commandId, nonce }, this.challengeClockMs);
    if (this.rules.singleUse) this.keep(book);
    if (verdict !== 'fresh') return;
    if (this.trueMs - (this.givenAt.get(nonce) ?? 0) >= challengeValidMs) throw new BrokenPromise(`late: ${commandId}`);
    const grant: DoorGrant = {
      sessionId: this.sessionId,
      decidedAt: this.bootMs,
      origin: 'command',
      trackId: commandId,
      personId: null,
    };
    this.disk = { ...this.disk, decided: grant };
    this.toAct.push(grant);
    this.decidedHere.add(grant);
  }

  private keep(book: ChallengeBook): void {
    this.book = book;
    if (!this.rules.memoryOnly) this.disk = { ...this.disk, book };
  }

  private tellDoor(grant: DoorGrant): void {
    const { effects } = this.happen({ type: 'grant', at: this.bootMs, grant });
    if (!effects.some(({ type }) => type === 'energise')) return;
    this.moved++;
    this.happen({ type: 'actuated', at: this.bootMs });
    const commandId = grant.trackId ?? '';
    if (this.opened.has(commandId)) throw new BrokenPromise(`moved twice: ${commandId}`);
    if (!this.decidedHere.has(grant)) throw new BrokenPromise(`moved by what lay on disk: ${commandId}`);
    this.opened.add(commandId);
  }

  private happen(event: Parameters<typeof stepDoor>[1]): ReturnType<typeof stepDoor> {
    const result = stepDoor(this.state, event, policy);
    this.state = result.state;
    return result;
  }
}
