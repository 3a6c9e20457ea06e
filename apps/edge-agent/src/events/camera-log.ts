import type { CameraTelemetry, HealthBody } from '@latchkey/contracts';
import type { Logger } from 'pino';
import type { CameraReport } from '../camera/camera-report.ts';
import type { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { TamperLog } from './tamper-log.ts';

/** Options of {@link CameraLog}. */
export interface CameraLogOptions {
  readonly cameraId: string;
  readonly recorder: EventRecorder;
  readonly tamper: TamperLog;
  readonly statistics: RecognitionStatistics;
  readonly logger: Logger;
  readonly nowMs: number;
}

/** What happens to one camera: as events when it is news, as figures for telemetry. */
export class CameraLog {
  private readonly options: CameraLogOptions;
  private state: CameraTelemetry['state'] = 'starting';
  private shown: 'ok' | 'covered' | 'frozen' = 'ok';
  private given = 0;
  private dropped = 0;
  private still = 0;
  private showsNothingNew = false;
  private restarts = 0;
  private lastProblem: string | null = null;
  private sinceMs: number;

  constructor(options: CameraLogOptions) {
    this.options = options;
    this.sinceMs = options.nowMs;
  }

  /** A frame was taken. */
  frame(): void {
    this.given++;
    this.showsNothingNew = false;
    if (this.state === 'starting') this.state = 'running';
  }

  /** A frame showed nothing new and was not analysed. */
  stillFrame(): void {
    this.still++;
    this.showsNothingNew = true;
  }

  /** Something that the camera tells. */
  report(report: CameraReport): void {
    const { cameraId, tamper, logger } = this.options;
    switch (report.type) {
      case 'skipped':
        this.given += report.frames;
        this.skipped(report.frames);
        break;
      case 'restarted':
        this.restarts++;
        break;
      case 'lost':
        this.state = 'lost';
        this.lastProblem = report.message;
        logger.error({ cameraId, code: report.code, message: report.message }, 'the camera gives no frames');
        this.note('camera-lost', report.message);
        break;
      case 'back':
        this.state = this.shown === 'ok' ? 'running' : this.shown;
        logger.info({ cameraId }, 'the camera gives frames again');
        this.note('camera-back', 'The camera gives frames again.');
        break;
      case 'covered':
      case 'frozen':
        this.state = report.type;
        this.lastProblem = report.message;
        this.shown = report.type;
        tamper.note(`camera-${report.type}`, null, report.message, cameraId);
        break;
      case 'clear':
        this.state = 'running';
        this.shown = 'ok';
        logger.info({ cameraId }, 'the camera sees again');
        this.note('camera-back', 'The camera sees again.');
        break;
      case 'unreadable': {
        const message = `"${report.source}" is left out: ${report.error.message}`;
        logger.warn({ cameraId, source: report.source, code: report.error.code }, message);
        this.note('picture-unreadable', message);
        break;
      }
    }
  }

  /** The figures since the last call, and a new beginning. */
  take(nowMs: number): CameraTelemetry {
    const seconds = Math.max(0.001, (nowMs - this.sinceMs) / 1000);
    const figures = {
      id: this.options.cameraId,
      state: this.state,
      framesPerSecond: Math.round((this.given / seconds) * 100) / 100,
      droppedFrames: this.dropped,
      stillFrames: this.still,
      restarts: this.restarts,
      lastProblem: this.lastProblem?.slice(0, 1000) ?? null,
    };
    this.given = 0;
    this.dropped = 0;
    this.still = 0;
    this.sinceMs = nowMs;
    return figures;
  }

  /** Frames that went by while nothing moved were not too many: nobody was in a hurry to look at them. */
  private skipped(frames: number): void {
    if (this.showsNothingNew) {
      this.still += frames;
      return;
    }
    this.dropped += frames;
    this.options.statistics.skipped(frames);
  }

  private note(state: HealthBody['state'], message: string): void {
    const { recorder, cameraId } = this.options;
    recorder.note('health', { state, message: message.slice(0, 1000), cameraId });
  }
}
