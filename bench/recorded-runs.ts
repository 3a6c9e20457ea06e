import * as ort from 'onnxruntime-node';

/** One pass of a network as it was asked for. */
interface Run {
  readonly session: ort.InferenceSession;
  readonly feeds: ort.InferenceSession.FeedsType;
}

/** The passes of networks that some work made. */
export interface RecordedRuns {
  readonly count: number;
  /** Makes the same passes again, one after another, with nothing around them. */
  replay(): Promise<void>;
}

/** Listens to ONNX Runtime while `work` runs: what no code around the networks can save is to be known exactly. */
export async function recordRuns(work: () => Promise<unknown>): Promise<RecordedRuns> {
  const runs: Run[] = [];
  const { prototype } = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
  const original = prototype.run;
  prototype.run = function (this: ort.InferenceSession, feeds: ort.InferenceSession.FeedsType, ...rest: unknown[]) {
    runs.push({ session: this, feeds: copied(feeds) });
    return Reflect.apply(original, this, [feeds, ...rest]);
  };
  try {
    await work();
  } finally {
    prototype.run = original;
  }
  return {
    count: runs.length,
    replay: async () => {
      for (const { session, feeds } of runs) await session.run(feeds);
    },
  };
}

/** Buffers may be used again for the next pass. */
function copied(feeds: ort.InferenceSession.FeedsType): ort.InferenceSession.FeedsType {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, value]) => {
      if (!(value instanceof ort.Tensor && value.data instanceof Float32Array))
        throw new Error(`${name} is no tensor.`);
      return [name, new ort.Tensor('float32', value.data.slice(), value.dims)];
    }),
  );
}
