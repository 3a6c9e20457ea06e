/** A promise that is settled from outside; later settlements change nothing. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;

  constructor() {
    let settle: Pick<Deferred<T>, 'resolve' | 'reject'> = { resolve: () => {}, reject: () => {} };
    this.promise = new Promise<T>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.resolve = settle.resolve;
    this.reject = settle.reject;
    // Whoever waits sees the rejection; that nobody waits is no fault.
    this.promise.catch(() => {});
  }
}
