/**
 * Keeps ONNX Runtime from reporting to its makers: its ready-made Linux builds (seen in 1.30.0; microsoft/onnxruntime pull
 * request 27379) send events about process, models and failures over the internet by default, and keep an identifier of
 * the device in the home folder. What a door computes is nobody else's business. The switch is read once, when the first
 * session is made, from the environment of the process: a worker thread has a copy that the library does not see, so this
 * must run in the main thread before, and does wherever `libs/vision` loads the library or starts a thread that does.
 */
export function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
