import type { AgentConfig } from '@latchkey/config';
import type { AgentIdentity } from '@latchkey/contracts';
import type { Camera, Clock, Door, DoorInputs, LatchkeyError } from '@latchkey/domain';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Logger } from 'pino';
import type { EndAgent } from './commands/agent-commands.ts';
import type { BootClock } from './runtime/boot-clock.ts';

/** Everything that an agent is given from outside; it reads neither environment nor arguments itself. */
export interface AgentOptions {
  readonly config: AgentConfig;
  readonly identity: AgentIdentity;
  readonly logger: Logger;
  /** Told what takes long at the first start. */
  readonly onProgress?: (line: string) => void;
  /** Told once, when the first frame was analysed or a camera turned out to give none. */
  readonly onReady?: (ready: { readonly engine: string; readonly modelId: string }) => void;
  /** Told that a command wants the agent to end; who runs it calls `stop`. Default: nothing ends. */
  readonly onCommandedEnd?: EndAgent;
  /** Told once when the database turns out to be damaged: nobody is let in any more, the agent is to end and be started again. */
  readonly onDamaged?: (damage: LatchkeyError) => void;
  /** Instead of those that the configuration names. */
  readonly parts?: AgentParts;
}

/** Adapters that a test, or another kind of device, brings along. */
export interface AgentParts {
  readonly analyzer?: FaceAnalyzer;
  readonly camera?: Camera;
  readonly door?: Door;
  readonly doorInputs?: DoorInputs;
  readonly clock?: Clock;
  readonly bootClock?: BootClock;
}
