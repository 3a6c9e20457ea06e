export type { AgentOptions, AgentParts } from './agent-options.ts';
export { type CameraReport, FolderCamera, type FolderCameraOptions } from './camera/folder.camera.ts';
export { type RunningAgent, startAgent } from './start-agent.ts';
