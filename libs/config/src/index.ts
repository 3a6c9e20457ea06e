export { type AgentConfig, agentOptions, readAgentConfig } from './agent.config.ts';
export { type CentralConfig, centralOptions, readCentralConfig } from './central.config.ts';
export { type CliConfig, cliOptions, readCliConfig } from './cli.config.ts';
export { quietTensorflow } from './native-libraries.ts';
export { optionsTable } from './options-table.ts';
export { type Environment, readOptions } from './read-options.ts';
export { readTestConfig, type TestConfig, testOptions } from './test.config.ts';
export { childEnvironment, readUpConfig, type UpConfig, upOptions } from './up.config.ts';
