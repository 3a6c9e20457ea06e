import type { FaceAnalyzer } from '@latchkey/vision';
import { type DynamicModule, Module } from '@nestjs/common';
import type { AgentOptions } from './agent-options.ts';
import { cameraProviders } from './composition/camera.providers.ts';
import { commandProviders } from './composition/command.providers.ts';
import { doorProviders } from './composition/door.providers.ts';
import { linkProviders } from './composition/link.providers.ts';
import { localProviders } from './composition/local.providers.ts';
import { machineProviders } from './composition/machine.providers.ts';
import { ANALYZER, OPTIONS } from './composition/tokens.ts';
import { AgentRuntime } from './runtime/agent-runtime.ts';

/** The agent's module; {@link agentModule} fills it. */
@Module({})
export class AgentModule {}

/**
 * How the parts of one device's agent hang together. Making them opens the database and waits for the networks; nothing runs
 * before `AgentRuntime.start`.
 */
export function agentModule(options: AgentOptions, analyzer: Promise<FaceAnalyzer>): DynamicModule {
  return {
    module: AgentModule,
    providers: [
      { provide: OPTIONS, useValue: options },
      { provide: ANALYZER, useFactory: () => analyzer },
      ...machineProviders,
      ...cameraProviders,
      ...linkProviders,
      ...localProviders,
      ...commandProviders,
      ...doorProviders,
    ],
    exports: [AgentRuntime],
  };
}
