/** Takes what comes of something, once: where there are very many, it costs less than a promise. Neither of them throws. */
export interface Receiver<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** A promise with its two ends in hand. */
export interface Deferred<T> extends Receiver<T> {
  readonly promise: Promise<T>;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
