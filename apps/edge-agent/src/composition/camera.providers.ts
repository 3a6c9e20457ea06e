import type { Clock } from '@latchkey/domain';
import type { FaceAnalyzer } from '@latchkey/vision';
import type { Provider } from '@nestjs/common';
import type { AgentOptions } from '../agent-options.ts';
import { countedCells } from '../camera/luma-grid.ts';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import type { FaceDecider } from '../deciding/face-decider.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { TamperLog } from '../events/tamper-log.ts';
import { LiveView } from '../local-page/live-view.ts';
import { EngineLog } from '../recognition/engine-log.ts';
import { MotionGate } from '../recognition/motion-gate.ts';
import { RecognitionLoop } from '../recognition/recognition-loop.ts';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import { type CameraStation, cameraStations } from './camera-station.ts';
import { ANALYZER, CAMERAS, CLOCK, LOOPS, NEW_DECIDER, OPTIONS, READY } from './tokens.ts';

/** The device's cameras and, for each, the loop that has its frames analysed by the one analyzer. */
export const cameraProviders: Provider[] = [
  {
    provide: READY,
    inject: [OPTIONS, ANALYZER],
    useFactory: ({ onReady }: AgentOptions, { engine, model }: FaceAnalyzer) => {
      let told = false;
      return (): void => {
        if (!told) onReady?.({ engine, modelId: model.id });
        told = true;
      };
    },
  },
  {
    provide: CAMERAS,
    inject: [OPTIONS, CLOCK, EventRecorder, TamperLog, RecognitionStatistics, READY],
    useFactory: (
      options: AgentOptions,
      clock: Clock,
      recorder: EventRecorder,
      tamper: TamperLog,
      statistics: RecognitionStatistics,
      // An agent whose camera is away is ready all the same: it waits for it.
      onLost: () => void,
    ) => cameraStations(options, clock, { recorder, tamper, statistics, logger: options.logger, onLost }),
  },
  {
    provide: LOOPS,
    inject: [
      OPTIONS,
      CAMERAS,
      ANALYZER,
      NEW_DECIDER,
      RecognitionStatistics,
      EventRecorder,
      CLOCK,
      DeviceConfiguration,
      READY,
      LiveView,
    ],
    useFactory: (
      options: AgentOptions,
      cameras: readonly CameraStation[],
      analyzer: FaceAnalyzer,
      newDecider: () => FaceDecider,
      statistics: RecognitionStatistics,
      recorder: EventRecorder,
      clock: Clock,
      configuration: DeviceConfiguration,
      ready: () => void,
      view: LiveView,
    ): RecognitionLoop[] => {
      const engine = new EngineLog(recorder, options.logger);
      return cameras.map(({ config, camera, log }) => {
        const decider = newDecider();
        const { id, region, masks, minFacePx } = config;
        return new RecognitionLoop({
          name: `recognition of ${id}`,
          camera,
          log,
          gate: config.motionGate ? new MotionGate(countedCells(region, masks)) : null,
          region,
          minFacePx,
          wantsLiveness: () => configuration.current.door.rules.liveness.mode !== 'off',
          analyzer,
          plan: (frame) => decider.plan(frame),
          decide: async (frame, faces) => view.show(frame, await decider.handle(frame, faces)),
          statistics,
          engine,
          onFirstFrame: ready,
          clock,
          logger: options.logger,
        });
      });
    },
  },
];
