import { type ChildMessage, supervisorMessage } from '@latchkey/contracts';

/** The parts of `process` that carry messages of a supervisor. */
export type IpcProcess = Pick<NodeJS.Process, 'on' | 'off' | 'send' | 'connected' | 'disconnect'>;

/**
 * The line to the process that started this one, if it is one that speaks over IPC (`latchkey up`). Without one, sending
 * does nothing.
 */
export class SupervisorChannel {
  private readonly process: IpcProcess;

  constructor(process: IpcProcess) {
    this.process = process;
  }

  /** Tells the supervisor something. */
  send(message: ChildMessage): void {
    // The callback takes the error of a channel that closes in this moment; without it the process would end.
    if (this.process.connected) this.process.send?.(message, undefined, undefined, () => undefined);
  }

  /** Calls `stop` when the supervisor wants the end, or is gone. Returns the removal. */
  onStop(stop: (why: string) => void): () => void {
    const onMessage = (message: unknown) => {
      const parsed = supervisorMessage.safeParse(message);
      if (parsed.success && parsed.data.type === 'stop') stop('the supervisor said so');
    };
    const onDisconnect = () => stop('the supervisor is gone');
    this.process.on('message', onMessage);
    this.process.on('disconnect', onDisconnect);
    return () => {
      this.process.off('message', onMessage);
      this.process.off('disconnect', onDisconnect);
    };
  }

  /** Lets go of the line, so that it does not keep the process alive. */
  close(): void {
    if (this.process.connected) this.process.disconnect();
  }
}
