import type { CentralConfig } from '@latchkey/config';
import type { Clock } from '@latchkey/domain';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';

/** Injection token of the parsed {@link CentralConfig}. */
export const CENTRAL_CONFIG = Symbol('CentralConfig');
/** Injection token of the process's pino {@link Logger}; take `.child({ part: 'x' })` of it. */
export const LOGGER = Symbol('Logger');
/** Injection token of the {@link Clock}. */
export const CLOCK = Symbol('Clock');
/** Injection token of a function that is told in a line what takes long, for whoever waits at a console. */
export const PROGRESS = Symbol('Progress');

/** What a central runs with. */
export interface Runtime {
  readonly config: CentralConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onProgress: (line: string) => void;
}

/** What every slice may inject without importing a module: configuration, logger and clock. */
@Module({})
export class RuntimeModule {}

/** The {@link RuntimeModule} with the values of this process. */
export function runtimeModule({ config, logger, clock, onProgress }: Runtime): DynamicModule {
  const providers = [
    { provide: CENTRAL_CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: CLOCK, useValue: clock },
    { provide: PROGRESS, useValue: onProgress },
  ];
  return { module: RuntimeModule, global: true, providers, exports: providers };
}
