import { type CameraConfig, parseCamera } from '@latchkey/config';
import type { Camera, Clock } from '@latchkey/domain';
import type { Logger } from 'pino';
import type { AgentOptions } from '../agent-options.ts';
import type { CameraReport } from '../camera/camera-report.ts';
import { openCamera } from '../camera/open-camera.ts';
import { TappedCamera } from '../camera/tapped.camera.ts';
import { CameraLog } from '../events/camera-log.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { TamperLog } from '../events/tamper-log.ts';
import type { RecognitionStatistics } from '../recognition/recognition-statistics.ts';

/** One camera of the device with what is known of it. */
export interface CameraStation {
  readonly config: CameraConfig;
  readonly camera: TappedCamera;
  readonly log: CameraLog;
}

/** Where cameras report to. */
export interface CameraListeners {
  readonly recorder: EventRecorder;
  readonly tamper: TamperLog;
  readonly statistics: RecognitionStatistics;
  readonly logger: Logger;
  /** Told when a camera gives no frames. */
  readonly onLost: () => void;
}

/** The cameras that the configuration names, or the one that was brought along. Nothing is opened before its frames are read. */
export function cameraStations(
  { config, parts, onProgress }: AgentOptions,
  clock: Clock,
  { onLost, ...listeners }: CameraListeners,
): CameraStation[] {
  const station = (camera: CameraConfig, brought: Camera | null): CameraStation => {
    const log = new CameraLog({ cameraId: camera.id, nowMs: clock.monotonicMs(), ...listeners });
    const report = (given: CameraReport): void => {
      log.report(given);
      // Whoever waits for the first frame at a console learns why it does not come.
      if (given.type !== 'lost') return;
      onProgress?.(`camera ${camera.id}: ${given.message}`);
      onLost();
    };
    return { config: camera, camera: new TappedCamera(brought ?? openCamera(camera, clock, report)), log };
  };
  // Its settings are its owner's: every frame that it gives is analysed.
  if (parts?.camera) return [station(parseCamera('test:#motionGate=false'), parts.camera)];
  return config.cameras.map((camera) => station(camera, null));
}
