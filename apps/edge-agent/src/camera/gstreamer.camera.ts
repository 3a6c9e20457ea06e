import type { CameraConfig } from '@latchkey/config';
import type { Camera, Frame } from '@latchkey/domain';
import { gstreamerLaunch } from './gstreamer-pipeline.ts';
import { type FrameContext, programFrames } from './program-frames.ts';

/** One run of a GStreamer pipeline in a process of its own: a driver that crashes takes nothing with it. */
export class GStreamerCamera implements Camera {
  private readonly config: CameraConfig;
  private readonly context: FrameContext;

  constructor(config: CameraConfig, context: FrameContext) {
    this.config = config;
    this.context = context;
  }

  /** @throws LatchkeyError `camera-unavailable`, `camera-unauthorized`, `camera-program-missing`. */
  frames(signal: AbortSignal): AsyncGenerator<Frame> {
    const { source } = this.config;
    const secrets = source.type === 'rtsp' && source.credentials ? [source.credentials.password] : [];
    return programFrames(gstreamerLaunch(this.config), secrets, this.context, signal);
  }
}
