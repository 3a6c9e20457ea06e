import type { Frame } from '@latchkey/domain';

/**
 * Frames that somebody looks at on their way to their reader. A plain iterator, no generator: one that is suspended keeps whatever
 * its registers held when V8 optimised it, which here was a picture of megabytes for as long as the camera runs.
 * @param source asked for its frames when the first is wanted; what it fails with, the reader gets.
 * @param look must not throw.
 */
export function passingFrames(
  source: () => AsyncIterable<Frame> | Promise<AsyncIterable<Frame>>,
  look: (frame: Frame) => void = () => undefined,
): AsyncIterableIterator<Frame> {
  let opened: Promise<AsyncIterator<Frame>> | null = null;
  const open = async () => (await source())[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      opened ??= open();
      const step = await (await opened).next();
      if (!step.done) look(step.value);
      return step;
    },
    async return() {
      // Nobody asked for a frame: there is nothing to end.
      if (opened) await (await opened).return?.();
      return { done: true, value: undefined };
    },
  };
}
