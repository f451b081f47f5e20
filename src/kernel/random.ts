/** Random numbers, as the pure layers see them. A simulator gives a seeded one. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** Random numbers of this machine. */
export const systemRandom: Random = { next: () => Math.random() };

/** A small seeded generator (mulberry32, Tommy Ettinger 2017): equal seeds give equal sequences everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}
