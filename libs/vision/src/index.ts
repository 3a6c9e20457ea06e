export type { FaceQuality } from '@latchkey/domain';
export { createFaceAnalyzer, type FaceAnalyzerOptions } from './analyze/create-face-analyzer.ts';
export { createFaceDetector, type FaceDetector } from './analyze/create-face-detector.ts';
export type {
  AnalyzeOptions,
  EncoderCard,
  FaceAnalyzer,
  FaceObservation,
  LookOptions,
  SeenFace,
} from './analyze/face-analyzer.ts';
export type { AddedDetector, DetectorChoice } from './analyze/open-detector.ts';
export type { AddedEncoder } from './analyze/open-encoder.ts';
export { singleFace } from './analyze/single-face.ts';
export {
  openWholePictureEncoder,
  type WholePictureEncoder,
  type WholePictureOptions,
} from './analyze/whole-picture-encoder.ts';
export { type AnnotatedFace, annotateImage, type FaceTone } from './annotate/annotate-image.ts';
export type { LabelFont } from './annotate/render-label.ts';
export type { DetectorName } from './detect/detect-faces.ts';
export {
  benchEngines,
  type EngineBench,
  type EngineBenchOptions,
  type EngineTime,
  type MeasuredEngine,
} from './engines/bench-engines.ts';
export { forgetEngineChoice, type KeptEngineChoice, readEngineChoice } from './engines/engine-choice.ts';
export type {
  EngineChoice,
  EngineName,
  InferenceEngine,
  LoadableNetwork,
  NetworkSession,
  Tensor,
} from './engines/inference-engine.ts';
export {
  type EngineOptions,
  type EngineReport,
  listEngines,
  openEngine,
  openEveryEngine,
} from './engines/select-engine.ts';
export { type EngineTest, testEngine } from './engines/test-engine.ts';
export {
  type AllPairs,
  compareAllPairs,
  countPairs,
  type OwnedEncoding,
  type PairPlace,
} from './evaluate/all-pairs.ts';
export { type Proportion, proportion } from './evaluate/binomial-interval.ts';
export { assertEnoughPairs, type Calibration, calibrateThreshold } from './evaluate/calibrate-threshold.ts';
export { centralFace } from './evaluate/central-face.ts';
export { type CurvePoint, type ErrorRates, errorCurve, errorRatesAt } from './evaluate/error-rates.ts';
export { evaluatePairs, type PairEvaluation } from './evaluate/evaluate-pairs.ts';
export type { FoldAccuracy, FoldResult } from './evaluate/fold-accuracy.ts';
export type { ImagePair } from './evaluate/image-pair.ts';
export { parsePairs } from './evaluate/pairs-file.ts';
export {
  type LivenessErrors,
  type LivenessTrials,
  livenessErrorsAt,
  nonResponseRates,
  thresholdForBpcer,
} from './evaluate/presentation-attacks.ts';
export { countAtMost, type ScoredPair, type Trials } from './evaluate/trials.ts';
export { Gallery, type GalleryMatch, type GalleryOptions, type MatchPolicy } from './gallery/gallery.ts';
export { type CropOptions, cropJpeg } from './image/crop-jpeg.ts';
export { type DecodeOptions, decodeImage, MAX_BYTES, MAX_PIXELS } from './image/decode-image.ts';
export { encodeImage, type ImageFileFormat, imageFileFormat } from './image/encode-image.ts';
export { LIVENESS_THRESHOLD, type Liveness } from './liveness/liveness.ts';
export { CompiledCache } from './models/compiled-cache.ts';
export { type DownloadOptions, downloadModel, type ModelDownload } from './models/download-model.ts';
export { LicenceBook } from './models/licence-book.ts';
export { readAddedModel, readModelFile } from './models/model-files.ts';
export {
  type ModelEntry,
  type OptionalModelEntry,
  readModelManifest,
  readOptionalModels,
} from './models/model-manifest.ts';
export {
  type AddModelOptions,
  detectorNames,
  encoderNames,
  type ModelStatus,
  ModelStore,
} from './models/model-store.ts';
export { everyNetwork } from './networks/every-network.ts';
export { inventedNn4 } from './networks/nn4-small2/invented-weights.ts';
export type { Nn4Variant } from './networks/nn4-small2/layers.ts';
export { type LoadableNn4, loadNn4 } from './networks/nn4-small2/load-nn4.ts';
export { type CsvFile, nn4CsvFiles } from './networks/nn4-small2/weight-files.ts';
export { packagedNetworks } from './networks/packaged-networks.ts';
export { mulberry32 } from './reference/mulberry32.ts';
export { type EncodingPlan, facesToEncode, type KnownFace } from './track/encoding-plan.ts';
export { FaceTracker, type TrackedFace } from './track/face-tracker.ts';
export { countTrackingErrors, type TrackedFrame, type TrackingErrors } from './track/tracking-errors.ts';
export { startFaceAnalyzerWorker } from './worker/start-face-analyzer-worker.ts';
