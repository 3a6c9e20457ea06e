export type { AgentOptions, AgentParts } from './agent-options.ts';
export type { CameraReport } from './camera/camera-report.ts';
export { openSource } from './camera/open-camera.ts';
export { DoorDriver } from './door/door-driver.ts';
export { lockOf } from './door/door-hardware.ts';
export { LoggingDoor } from './door/logging.door.ts';
export { EventRecorder } from './events/event-recorder.ts';
export { type RunningAgent, startAgent } from './start-agent.ts';
export { openAgentDatabase } from './store/agent-database.ts';
