export { createFaceAnalyzer, type FaceAnalyzerOptions } from './analyze/create-face-analyzer.ts';
export type {
  AnalyzeOptions,
  EncoderCard,
  FaceAnalyzer,
  FaceObservation,
  FaceQuality,
  QualityReason,
} from './analyze/face-analyzer.ts';
export { singleFace } from './analyze/single-face.ts';
export type { EngineChoice, EngineName } from './engines/inference-engine.ts';
export { type EngineReport, listEngines } from './engines/select-engine.ts';
export { Gallery, type GalleryMatch, type MatchPolicy } from './gallery/gallery.ts';
export { type CropOptions, cropJpeg } from './image/crop-jpeg.ts';
export { type DecodeOptions, decodeImage, MAX_BYTES, MAX_PIXELS } from './image/decode-image.ts';
export { readModelFile } from './models/model-files.ts';
export { type ModelEntry, readModelManifest } from './models/model-manifest.ts';
export { startFaceAnalyzerWorker } from './worker/start-face-analyzer-worker.ts';
