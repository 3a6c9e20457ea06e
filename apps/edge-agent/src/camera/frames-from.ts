import type { Frame } from '@latchkey/domain';

/**
 * Frames, one for each time that somebody asks. Cameras that wrap others or show pictures are made of this and not of generators: a
 * generator that V8 has optimised keeps, for as long as it runs, whatever its registers held until then, which was a picture of
 * megabytes in each.
 * @param next gives a frame, null at the end; may throw, which is the end as well.
 * @param end gives back what the frames needed; called once, at their end or when their reader leaves before.
 */
export function framesFrom(
  next: () => Promise<Frame | null>,
  end: () => Promise<void> = async () => undefined,
): AsyncIterableIterator<Frame> {
  let ended = false;
  let turn: Promise<unknown> = Promise.resolve();
  // As with a generator, whoever asks or leaves waits for the one before.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    const first = !ended;
    ended = true;
    if (first) await end();
    return { done: true, value: undefined };
  };
  const step = async (): Promise<IteratorResult<Frame, undefined>> => {
    try {
      const frame = ended ? null : await next();
      if (frame !== null) return { done: false, value: frame };
    } catch (error) {
      await finish();
      throw error;
    }
    return finish();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => inTurn(step),
    return: () => inTurn(finish),
  };
}

/**
 * Frames of a source that somebody looks at on their way to their reader.
 * @param source asked for its frames when the first is wanted; what it fails with, the reader gets.
 * @param look must not throw.
 */
export function passingFrames(
  source: () => AsyncIterable<Frame> | Promise<AsyncIterable<Frame>>,
  look: (frame: Frame) => void = () => undefined,
): AsyncIterableIterator<Frame> {
  let frames: AsyncIterator<Frame> | null = null;
  return framesFrom(
    async () => {
      frames ??= (await source())[Symbol.asyncIterator]();
      const step = await frames.next();
      if (step.done) return null;
      look(step.value);
      return step.value;
    },
    async () => {
      await frames?.return?.();
    },
  );
}
