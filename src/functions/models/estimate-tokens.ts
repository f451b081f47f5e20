/**
 * About how many tokens a text is to a model: a third of its bytes in UTF-8, rounded up. English prose is nearer a
 * quarter; other scripts and code are nearer a third, and an estimate that is too high asks too little of a service
 * rather than too much.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}
