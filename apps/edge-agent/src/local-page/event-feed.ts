import type { ServerResponse } from 'node:http';
import type { AgentLine } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import type { EventRecorder, RecordedEvent } from '../events/event-recorder.ts';
import { agentLineOf } from './agent-line.ts';

/** A reader that is so far behind is cut off: nothing is kept for it without end. */
const maxUnreadBytes = 1_000_000;
/** More readers than a door has; who comes after them is refused. */
const maxReaders = 16;

/** Options of {@link EventFeed}. */
export interface EventFeedOptions {
  readonly recorder: Pick<EventRecorder, 'onRecorded'>;
  /** Name of a person whom the device knows. */
  readonly nameOf: (personId: string) => string | null;
  readonly clock: Clock;
  /** How a line is written. */
  readonly format: (line: AgentLine) => string;
}

/** Writes what happens into open answers, as it happens. */
export class EventFeed {
  private readonly options: EventFeedOptions;
  private readonly readers = new Set<ServerResponse>();
  private stopListening: (() => void) | null = null;

  constructor(options: EventFeedOptions) {
    this.options = options;
  }

  start(): void {
    this.stopListening ??= this.options.recorder.onRecorded((event) => this.tell(event));
  }

  stop(): void {
    this.stopListening?.();
    this.stopListening = null;
    for (const reader of this.readers) reader.end();
  }

  /** Begins an answer that goes on until its reader goes, or the feed stops. */
  join(response: ServerResponse, contentType: string): void {
    if (this.readers.size >= maxReaders) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).flushHeaders();
    this.readers.add(response);
    response.on('close', () => this.readers.delete(response));
  }

  private tell(event: RecordedEvent): void {
    if (this.readers.size === 0) return;
    const { clock, nameOf, format } = this.options;
    const line = agentLineOf(event, new Date(clock.now()).toISOString(), nameOf);
    if (line === null) return;
    const text = format(line);
    for (const reader of this.readers) {
      if (reader.writableLength > maxUnreadBytes) reader.destroy();
      else reader.write(text);
    }
  }
}
