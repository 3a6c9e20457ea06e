import { type CameraConfig, describeCameraSource } from '@latchkey/config';
import type { Camera, Clock, Frame } from '@latchkey/domain';
import type { ProgramLaunch } from './camera-program.ts';
import { chooseProgram, findCameraPrograms } from './camera-programs.ts';
import type { ReportCamera } from './camera-report.ts';
import { FfmpegCamera } from './ffmpeg.camera.ts';
import { ffmpegLaunch } from './ffmpeg-arguments.ts';
import { FolderCamera } from './folder.camera.ts';
import { passingFrames } from './frames-from.ts';
import { GStreamerCamera } from './gstreamer.camera.ts';
import { gstreamerLaunch } from './gstreamer-pipeline.ts';
import { HttpCamera } from './http.camera.ts';
import { countedCells } from './luma-grid.ts';
import { MaskedCamera } from './masked.camera.ts';
import { PictureJudge } from './picture-judge.ts';
import type { FrameContext } from './program-frames.ts';
import { WatchedCamera } from './watched.camera.ts';

/** RTSP cameras give a whole picture every ten seconds at worst; before the first one nothing can be shown. */
const leastStartMs = 15_000;

/** What reads a camera, for people: the program with its arguments, without secrets. */
export interface OpenedSource {
  readonly camera: Camera;
  readonly description: string;
}

/**
 * One run of a camera's source, masked: it ends when the source does and throws when that fails.
 * @throws LatchkeyError `camera-program-missing` when what reads it is not installed.
 */
export async function openSource(config: CameraConfig, clock: Clock, report: ReportCamera): Promise<OpenedSource> {
  const { camera, description } = await sourceOf(config, clock, report);
  return { camera: config.masks.length === 0 ? camera : new MaskedCamera(camera, config.masks), description };
}

async function sourceOf(config: CameraConfig, clock: Clock, report: ReportCamera): Promise<OpenedSource> {
  const { source, fps, id } = config;
  const name = describeCameraSource(source);
  const context: FrameContext = { cameraId: id, source: name, clock, report };
  if (source.type === 'folder') {
    const options = { cameraId: id, folder: source.path, framesPerSecond: fps, holdMs: config.holdMs, clock, report };
    return { camera: new FolderCamera(options), description: `folder ${name}` };
  }
  if (source.type === 'http') return { camera: new HttpCamera(config, source, context), description: `GET ${name}` };
  const chosen = chooseProgram(config, await findCameraPrograms());
  if (chosen.name === 'gstreamer') {
    return { camera: new GStreamerCamera(config, context), description: describeLaunch(gstreamerLaunch(config)) };
  }
  const camera = new FfmpegCamera(config, context, chosen.path);
  return { camera, description: describeLaunch(ffmpegLaunch(config, chosen.path)) };
}

/**
 * A camera that keeps itself running: what is missing or fails is reported and tried again. Never throws and ends only with
 * its signal.
 */
export function openCamera(config: CameraConfig, clock: Clock, report: ReportCamera): Camera {
  const { source } = config;
  // What it shows is ours to choose: pictures that stand still are as they should be.
  const trusted = source.type === 'folder' || source.type === 'file' || source.type === 'test';
  const limits = trusted
    ? { coveredMs: 0, frozenMs: 0 }
    : { coveredMs: config.coveredS * 1000, frozenMs: config.frozenS * 1000 };
  return new WatchedCamera({
    camera: new LateCamera(async () => (await openSource(config, clock, report)).camera),
    clock,
    // A folder waits for pictures as long as there are none, and says so itself.
    stallMs: source.type === 'folder' ? null : config.stallS * 1000,
    startMs: source.type === 'folder' ? null : Math.max(leastStartMs, config.stallS * 1000),
    judge: new PictureJudge(limits, countedCells(null, config.masks)),
    endsNormally: source.type === 'file',
    report,
    random: Math.random,
  });
}

/** A camera that is looked for anew at each run: a program may be installed meanwhile. */
class LateCamera implements Camera {
  private readonly open: () => Promise<Camera>;

  constructor(open: () => Promise<Camera>) {
    this.open = open;
  }

  frames(signal: AbortSignal): AsyncIterable<Frame> {
    return passingFrames(async () => (await this.open()).frames(signal));
  }
}

function describeLaunch({ program, args }: ProgramLaunch): string {
  const words = args.map((arg) =>
    arg.replace(/^user-pw=.*$/s, 'user-pw=***').replace(/^(location="?rtsps?:[^?]*)\?.*$/s, '$1?…'),
  );
  return [
    program,
    ...words.map((word) => (/^[\w!./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)),
  ].join(' ');
}
