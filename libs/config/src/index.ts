export { type AgentConfig, agentOptions, readAgentConfig } from './agent.config.ts';
export { type CentralConfig, centralOptions, readCentralConfig } from './central.config.ts';
export { type Environment, readOptions } from './read-options.ts';
