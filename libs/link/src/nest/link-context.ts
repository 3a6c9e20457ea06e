import { type CommandName, commandName, type TopicName, type TopicParams } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { BaseRpcContext } from '@nestjs/microservices';

/** What a handler may know of a message beside its payload. */
export interface ReceivedTopic {
  readonly name: TopicName;
  readonly topic: string;
  readonly params: TopicParams;
  readonly retained: boolean;
  /** The payload's bytes as they came. */
  readonly bytes: Uint8Array;
}

/** Context of an `@EventPattern` handler of {@link LatchkeyMqttStrategy}; site and device come from the topic, which the broker's ACL has checked. */
export class LinkContext extends BaseRpcContext<[ReceivedTopic]> {
  constructor(received: ReceivedTopic) {
    super([received]);
  }

  /** The full topic. */
  get topic(): string {
    return this.args[0].topic;
  }

  /** Name of the topic in contracts' `topics`. */
  get name(): TopicName {
    return this.args[0].name;
  }

  /** Site of the sender; empty for topics without one. */
  get site(): string {
    return this.args[0].params.site ?? '';
  }

  /** Device that sent it; empty for topics without one. */
  get device(): string {
    return this.args[0].params.device ?? '';
  }

  /** Event kind out of the topic; empty for topics without one. */
  get kind(): string {
    return this.args[0].params.kind ?? '';
  }

  /** Command out of the topic. @throws LatchkeyError `internal` for topics without one. */
  get command(): CommandName {
    const { command } = this.args[0].params;
    if (command === undefined) throw new LatchkeyError('internal', `"${this.topic}" names no command.`);
    return commandName.parse(command);
  }

  /** Kept by the broker from before the subscription. */
  get retained(): boolean {
    return this.args[0].retained;
  }

  /** The payload's bytes as they came. */
  get bytes(): Uint8Array {
    return this.args[0].bytes;
  }
}
