/** Milliseconds of a clock that all processes of a machine share: the time of one can be compared with another's. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
