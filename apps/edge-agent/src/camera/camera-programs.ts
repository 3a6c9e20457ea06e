import { createRequire } from 'node:module';
import { type CameraConfig, describeCameraSource } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { programRuns } from './camera-program.ts';
import { canUseFfmpeg } from './ffmpeg-arguments.ts';
import { canUseGStreamer } from './gstreamer-pipeline.ts';

/** The programs that are installed on this machine. */
export interface CameraPrograms {
  readonly gstreamer: boolean;
  /** Name or path of ffmpeg, null when there is none. */
  readonly ffmpeg: string | null;
}

/** Which program reads a camera. */
export type ChosenProgram = { readonly name: 'gstreamer' } | { readonly name: 'ffmpeg'; readonly path: string };

/** Not a dependency, since its programs are under the GPL; used where somebody has installed it. */
const npmFfmpeg = '@ffmpeg-installer/ffmpeg';

/** Looks which programs are installed, by running them. */
export async function findCameraPrograms(): Promise<CameraPrograms> {
  const [gstreamer, ffmpeg] = await Promise.all([programRuns('gst-launch-1.0', ['--version']), findFfmpeg()]);
  return { gstreamer, ffmpeg };
}

/**
 * The program for a camera: the one that it asks for, else GStreamer for devices and RTSP (it has the hardware's decoders), and
 * ffmpeg for films (it has all formats) and for RTSP with a password (it reads that where nobody sees it).
 * @throws LatchkeyError `camera-program-missing` when none that can read it is installed.
 */
export function chooseProgram(camera: CameraConfig, { gstreamer, ffmpeg }: CameraPrograms): ChosenProgram {
  const { source, program } = camera;
  const viaFfmpeg = ffmpeg !== null && canUseFfmpeg(camera) ? ({ name: 'ffmpeg', path: ffmpeg } as const) : null;
  const viaGStreamer = gstreamer && canUseGStreamer(camera) ? ({ name: 'gstreamer' } as const) : null;
  const ffmpegFirst = source.type === 'file' || (source.type === 'rtsp' && source.credentials !== null);
  const inOrder = ffmpegFirst ? [viaFfmpeg, viaGStreamer] : [viaGStreamer, viaFfmpeg];
  const chosen = inOrder.find((choice) => choice && (program === 'auto' || program === choice.name));
  if (chosen) return chosen;
  const wanted = program === 'auto' ? (source.type === 'csi' ? 'GStreamer' : 'GStreamer or ffmpeg') : program;
  throw new LatchkeyError(
    'camera-program-missing',
    `${describeCameraSource(source)} needs ${wanted}, which is not installed; see docs/cameras.md.`,
  );
}

async function findFfmpeg(): Promise<string | null> {
  if (await programRuns('ffmpeg', ['-version'])) return 'ffmpeg';
  try {
    const { path } = createRequire(import.meta.url)(npmFfmpeg) as { path: string };
    return (await programRuns(path, ['-version'])) ? path : null;
  } catch {
    return null;
  }
}
