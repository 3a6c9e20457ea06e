import {
  type AgentIdentity,
  buildTopic,
  type CommandCall,
  type CommandMessage,
  type CommandName,
  type CommandReport,
  type CommandResult,
  cannotWait,
  commandNames,
  encodePayload,
} from '@latchkey/contracts';
import {
  answerChallenge,
  type ChallengeBook,
  emptyChallengeBook,
  isLatchkeyError,
  issueChallenge,
  LatchkeyError,
} from '@latchkey/domain';
import type { Subscription } from '@latchkey/link';
import type { Logger } from 'pino';
import type { Messenger } from '../messages/messenger.ts';
import type { SignedInbox } from '../messages/signed-inbox.ts';
import type { BootClock } from '../runtime/boot-clock.ts';
import { endsWithin } from '../runtime/ends-within.ts';
import type { Feature } from '../runtime/feature.ts';

/** What a command is carried out with. */
export interface CommandContext {
  /** Central's id of it. */
  readonly commandId: string;
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal;
}

/** How a command ended on this device. */
export interface CommandEnd {
  readonly report: CommandReport;
  /** What happens once central was told, or cannot be told. */
  readonly afterwards?: () => void;
}

/**
 * Carries out one kind of command; called once per challenge.
 * @throws LatchkeyError when it cannot be carried out; central is told its sentence.
 */
export type CommandHandler<N extends CommandName = CommandName> = (
  call: Extract<CommandCall, { name: N }>,
  context: CommandContext,
) => Promise<CommandEnd>;

/** Who carries out what. */
export type CommandHandlers = { readonly [N in CommandName]: CommandHandler<N> };

/** Options of {@link CommandDesk}. */
export interface CommandDeskOptions {
  readonly inbox: SignedInbox;
  readonly messenger: Messenger;
  readonly identity: AgentIdentity;
  readonly bootClock: BootClock;
  /** 32 hexadecimal digits, never the same twice and not to be guessed. */
  readonly newNonce: () => string;
  readonly handlers: CommandHandlers;
  readonly logger: Logger;
}

/** What a command came to, and with which challenge; null while it runs. */
interface Answered {
  readonly commandId: string;
  readonly nonce: string;
  readonly report: CommandReport | null;
}

/** Commands whose end is remembered: central asks again when it was not heard. */
const maxAnswered = 16;
/** How long the agent waits for the broker before it does what a command does last. */
const tellWithinMs = 2_000;

/**
 * Commands of central (PROTOCOL.md §4, ADR 7). Central asks, the device answers with a random number that it keeps in memory
 * only, and carries out what central then signs together with that number: once, within 5 s of the boot clock. So nothing that
 * was ever sent before moves anything, whatever the clocks, the disk or the broker say.
 */
export class CommandDesk implements Feature {
  readonly name = 'commands';
  private readonly options: CommandDeskOptions;
  private subscriptions: readonly Subscription[] = [];
  private book: ChallengeBook = emptyChallengeBook;
  private answered: readonly Answered[] = [];
  private running = new AbortController();

  constructor(options: CommandDeskOptions) {
    this.options = options;
  }

  start(): void {
    if (this.subscriptions.length > 0) return;
    this.running = new AbortController();
    this.subscriptions = commandNames.map((name) =>
      this.options.inbox.subscribeCommand(name, (message) => this.receive(name, message)),
    );
  }

  async stop(): Promise<void> {
    const { subscriptions } = this;
    this.subscriptions = [];
    this.book = emptyChallengeBook;
    this.running.abort();
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }

  /** @throws LatchkeyError `replayed` for an answer to no open challenge of this process; `internal` without a boot clock. */
  private receive(name: CommandName, message: CommandMessage): void {
    if (message.step === 'ask') this.challenge(name, message.commandId);
    else this.answer(name, message);
  }

  private challenge(command: CommandName, commandId: string): void {
    if (this.tellAgain(command, commandId)) return;
    const nonce = this.options.newNonce();
    this.book = issueChallenge(this.book, { command, commandId, nonce }, this.options.bootClock());
    void this.tell(command, { step: 'challenge', commandId, nonce });
  }

  /**
   * A command that this process has carried out is never carried out again: central hears once more how it ended.
   * @returns whether this is such a command, or one that runs now.
   */
  private tellAgain(command: CommandName, commandId: string): boolean {
    const before = this.answered.find((answered) => answered.commandId === commandId);
    if (before?.report) void this.tell(command, { step: 'end', commandId, nonce: before.nonce, report: before.report });
    return before !== undefined;
  }

  private answer(command: CommandName, message: Extract<CommandMessage, { step: 'execute' }>): void {
    const { commandId, nonce, call } = message;
    if (call.name !== command) {
      throw new LatchkeyError('signature-invalid', `A command "${call.name}" came on the topic of "${command}".`);
    }
    const { book, verdict } = answerChallenge(this.book, { command, commandId, nonce }, this.options.bootClock());
    this.book = book;
    if (verdict === 'unknown') {
      throw new LatchkeyError(
        'replayed',
        `Command ${commandId} (${command}) answers no open challenge of this device.`,
      );
    }
    if (this.tellAgain(command, commandId)) return;
    if (verdict === 'fresh') {
      this.remember({ commandId, nonce, report: null });
      void this.carryOut(call, commandId, nonce);
      return;
    }
    this.options.logger.warn({ command, commandId }, 'a command came too late and was not carried out');
    if (cannotWait(command)) {
      const report = refused('The answer came more than 5 s after the challenge; nothing was done.');
      void this.end(command, { commandId, nonce, report });
    } else {
      // One slow answer must not end a wipe that waits for a stolen device.
      this.challenge(command, commandId);
    }
  }

  private async carryOut(call: CommandCall, commandId: string, nonce: string): Promise<void> {
    const { logger } = this.options;
    logger.info({ command: call.name, commandId }, 'a command is carried out');
    let end: CommandEnd;
    try {
      end = await this.handle(call, { commandId, signal: this.running.signal });
    } catch (error) {
      logger.error({ error, command: call.name, commandId }, 'a command could not be carried out');
      const message = isLatchkeyError(error) ? error.message : 'The device had a fault; its log has the details.';
      end = { report: { outcome: 'failed', message: message.slice(0, 500) } };
    }
    const { outcome, message } = end.report;
    logger.info({ command: call.name, commandId, outcome, message }, 'a command has ended');
    const told = this.end(call.name, { commandId, nonce, report: end.report });
    if (!end.afterwards) return;
    await endsWithin(told, tellWithinMs);
    end.afterwards();
  }

  private handle(call: CommandCall, context: CommandContext): Promise<CommandEnd> {
    // The name picks the handler of exactly this call; the compiler cannot pair the two here.
    const handler = this.options.handlers[call.name] as CommandHandler;
    return handler(call, context);
  }

  private end(command: CommandName, { commandId, nonce, report }: Answered & { report: CommandReport }): Promise<void> {
    this.remember({ commandId, nonce, report });
    return this.tell(command, { step: 'end', commandId, nonce, report });
  }

  private remember(answered: Answered): void {
    const others = this.answered.filter(({ commandId }) => commandId !== answered.commandId);
    this.answered = [...others, answered].slice(-maxAnswered);
  }

  /** Never rejects: central asks again, or shows that the device did not answer. */
  private async tell(command: CommandName, result: CommandResult): Promise<void> {
    const { siteId: site, deviceId: device } = this.options.identity;
    try {
      const topic = buildTopic('commandResult', { site, device, command });
      await this.options.messenger.publish(topic, encodePayload('commandResult', result));
    } catch (error) {
      this.options.logger.warn({ error, command, step: result.step }, 'central could not be told of a command');
    }
  }
}

/** Nothing was tried. */
export function refused(message: string): CommandReport {
  return { outcome: 'refused', message };
}
