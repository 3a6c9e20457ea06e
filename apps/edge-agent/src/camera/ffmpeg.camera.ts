import type { CameraConfig } from '@latchkey/config';
import type { Camera, Frame } from '@latchkey/domain';
import { ffmpegLaunch } from './ffmpeg-arguments.ts';
import { type FrameContext, programFrames } from './program-frames.ts';

/** One run of ffmpeg in a process of its own. */
export class FfmpegCamera implements Camera {
  private readonly config: CameraConfig;
  private readonly context: FrameContext;
  private readonly program: string;

  /** @param program path or name of ffmpeg. */
  constructor(config: CameraConfig, context: FrameContext, program: string) {
    this.config = config;
    this.context = context;
    this.program = program;
  }

  /** @throws LatchkeyError `camera-unavailable`, `camera-unauthorized`, `camera-program-missing`. */
  frames(signal: AbortSignal): AsyncGenerator<Frame> {
    const { source } = this.config;
    const secrets = source.type === 'rtsp' && source.credentials ? [source.credentials.password] : [];
    return programFrames(ffmpegLaunch(this.config, this.program), secrets, this.context, signal);
  }
}
