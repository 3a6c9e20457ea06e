import type { MessagePort } from 'node:worker_threads';
import { createFaceAnalyzer } from '../analyze/create-face-analyzer.ts';
import type { FaceAnalyzer, SeenFace } from '../analyze/face-analyzer.ts';
import { packError, type WorkerOptions, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

/** The worker's side: loads an analyzer and answers requests until it is told to dispose of it. */
export async function serveFaceAnalyzer(port: MessagePort, options: WorkerOptions): Promise<void> {
  const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let analyzer: FaceAnalyzer;
  try {
    analyzer = await createFaceAnalyzer({ ...options, onProgress: (line) => reply({ type: 'progress', line }) });
  } catch (error) {
    reply({ type: 'failed', error: packError(error) });
    port.close();
    return;
  }
  const running = new Map<number, AbortController>();

  const analyze = async (request: Extract<WorkerRequest, { type: 'analyze' }>): Promise<void> => {
    const controller = new AbortController();
    const { id } = request;
    running.set(id, controller);
    const picture = request.image.data.buffer;
    try {
      const { plan, ...rest } = request.options;
      const options = { ...rest, signal: controller.signal };
      const faces = await (plan
        ? analyzer.look(request.image, { ...options, plan })
        : analyzer.analyze(request.image, options));
      reply({ type: 'result', id, faces, picture }, [...buffersOf(faces), picture]);
    } catch (error) {
      reply({ type: 'error', id, error: packError(error), picture }, [picture]);
    } finally {
      running.delete(id);
    }
  };

  port.on('message', (request: WorkerRequest) => {
    if (request.type === 'analyze') void analyze(request);
    else if (request.type === 'abort') running.get(request.id)?.abort();
    else {
      for (const controller of running.values()) controller.abort();
      void analyzer.dispose().then(() => port.close());
    }
  });
  const { model, detector, engine } = analyzer;
  reply({ type: 'ready', model, detector, engine });
}

function buffersOf(faces: readonly SeenFace[]): ArrayBuffer[] {
  return faces
    .flatMap((face) => [face.points.buffer, face.landmarks?.buffer, face.encoding?.values.buffer])
    .filter((buffer) => buffer instanceof ArrayBuffer);
}
