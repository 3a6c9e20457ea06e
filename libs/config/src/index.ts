export { type AgentConfig, agentOptions, readAgentConfig, readAgentDir } from './agent.config.ts';
export { type CameraArea, type CameraConfig, type CameraFlip, parseCamera } from './camera.config.ts';
export { type CameraCredentials, type CameraSource, describeCameraSource } from './camera-source.ts';
export { type CentralConfig, centralOptions, readCentralConfig } from './central.config.ts';
export { type CliConfig, cliOptions, readCliConfig } from './cli.config.ts';
export {
  type DoorHardwareConfig,
  describeDoorHardware,
  describeGpioLine,
  type GpioInputConfig,
  type GpioLineConfig,
  type GpioLockConfig,
  type HttpLockConfig,
  noDoorHardware,
} from './door-hardware.config.ts';
export { quietFontconfig, quietTensorflow } from './native-libraries.ts';
export { optionsTable } from './options-table.ts';
export { type Environment, readOptions } from './read-options.ts';
export { readTestConfig, type TestConfig, testOptions } from './test.config.ts';
export { childEnvironment, readUpConfig, type UpConfig, upOptions } from './up.config.ts';
export { readWebProxy, type WebProxy } from './web-proxy.ts';
