import type { GpioInputConfig } from '@latchkey/config';
import type { DoorInput, DoorInputs } from '@latchkey/domain';
import type { ReportDoorPart } from './door-hardware.ts';
import { GpioLineWatch } from './gpio-line-watch.ts';
import type { GpioTools } from './gpio-tools.ts';
import { type RestartTiming, restartTiming } from './restart-pause.ts';

/** Door contact and request-to-exit button at GPIO lines; either may be missing. */
export class GpioDoorInputs implements DoorInputs {
  private readonly contact: GpioInputConfig | null;
  private readonly requestToExit: GpioInputConfig | null;
  private readonly tools: GpioTools;
  private readonly report: ReportDoorPart;
  private readonly timing: RestartTiming;
  private run: { readonly end: AbortController; readonly done: Promise<unknown> } | null = null;

  constructor(
    contact: GpioInputConfig | null,
    requestToExit: GpioInputConfig | null,
    tools: GpioTools,
    report: ReportDoorPart,
    timing: RestartTiming = restartTiming,
  ) {
    this.contact = contact;
    this.requestToExit = requestToExit;
    this.tools = tools;
    this.report = report;
    this.timing = timing;
  }

  start(tell: (input: DoorInput) => void): void {
    if (this.run) return;
    const end = new AbortController();
    const tellWhileRunning = (input: DoorInput): void => {
      if (!end.signal.aborted) tell(input);
    };
    const watches = [this.watchContact(tellWhileRunning), this.watchButton(tellWhileRunning)];
    this.run = { end, done: Promise.all(watches.map((watch) => watch?.run(end.signal))) };
  }

  async stop(): Promise<void> {
    const { run } = this;
    this.run = null;
    run?.end.abort();
    await run?.done;
  }

  private watchContact(tell: (input: DoorInput) => void): GpioLineWatch | null {
    if (!this.contact) return null;
    const listener = {
      part: 'door contact',
      onLevel: (on: boolean) => tell({ type: 'contact', contact: on ? 'open' : 'closed' }),
      onLost: () => tell({ type: 'contact-lost' }),
    };
    return new GpioLineWatch(this.contact, this.tools, listener, this.report, this.timing);
  }

  private watchButton(tell: (input: DoorInput) => void): GpioLineWatch | null {
    if (!this.requestToExit) return null;
    const listener = {
      part: 'request-to-exit button',
      // One that is pressed when it is read first may be stuck, or its wire broken: it opens nothing.
      onLevel: (on: boolean, first: boolean) => {
        if (on && !first) tell({ type: 'exit-pressed' });
      },
      onLost: () => undefined,
    };
    return new GpioLineWatch(this.requestToExit, this.tools, listener, this.report, this.timing);
  }
}
