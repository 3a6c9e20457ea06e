export type { AgentOptions, AgentParts } from './agent-options.ts';
export type { CameraReport } from './camera/camera-report.ts';
export { openSource } from './camera/open-camera.ts';
export { type RunningAgent, startAgent } from './start-agent.ts';
