/** What a call of a model goes with. */
export interface ModelCall {
  /** Aborts when the answer is wanted no more. */
  readonly signal: AbortSignal;
  /** Tells the user something that no row fails for. */
  notice(message: string): void;
}
