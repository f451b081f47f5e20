import { cutCosts } from "./boundaries.ts";

/** Takes a place to cut at and what that costs. */
export type Emit = (index: number, cost: number) => void;

/** After every line break, at the given cost. */
export function scanLines(cost: number): (text: string, from: number, to: number, emit: Emit) => void {
  return (text, from, to, emit) => {
    // Not by indexOf, which would look beyond the part for what may be far away.
    for (let at = from; at < to; at++) if (text.charCodeAt(at) === 10) emit(at + 1, cost);
  };
}

/**
 * After what ends a sentence: `.`, `!`, `?` or `…` with what closes quotes and brackets, then white space; or the full
 * stops of Chinese and Japanese, which need none. One pass, without regular expressions, whose look ahead would make
 * a long row of dots quadratic.
 */
export function scanSentences(text: string, from: number, to: number, emit: Emit): void {
  let state: SentenceState = "within";
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      if (state === "ended" || state === "wideEnded") state = "spaced";
      continue;
    }
    if (state === "spaced" || (state === "wideEnded" && !isCloser(code) && !isWideStop(code))) {
      emit(at, cutCosts.sentence);
    }
    state = nextState(state, code);
  }
}

type SentenceState = "within" | "ended" | "wideEnded" | "spaced";

function nextState(state: SentenceState, code: number): SentenceState {
  if (isWideStop(code)) return "wideEnded";
  if (isStop(code)) return "ended";
  return isCloser(code) && state !== "spaced" ? state : "within";
}

/** After what parts statements, arguments and elements: what minified code and data have instead of lines. */
export function scanClauses(text: string, from: number, to: number, emit: Emit): void {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    // ; , { } >
    if (code === 59 || code === 44 || code === 123 || code === 125 || code === 62) {
      emit(at + 1, cutCosts.clause);
    }
  }
}

/** Before words: the white space belongs to the one before. */
export function scanWords(text: string, from: number, to: number, emit: Emit): void {
  let wasSpace = false;
  for (let at = from; at < to; at++) {
    const space = isSpace(text.charCodeAt(at));
    if (wasSpace && !space) emit(at, cutCosts.word);
    wasSpace = space;
  }
}

/** Whether the last thing of the line `[from, to)` that is not white space ends a sentence or a list's introduction. */
export function endsSentence(text: string, from: number, to: number): boolean {
  for (let at = to - 1; at >= from; at--) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || isCloser(code)) continue;
    return isStop(code) || isWideStop(code) || code === 58;
  }
  return false;
}

/** The first place of `[from, to)` that is not white space; `to` where all is. */
export function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  return at;
}

export function isSpace(code: number): boolean {
  return (
    code === 32 ||
    (code >= 9 && code <= 13) ||
    code === 0xa0 ||
    code === 0x3000 ||
    code === 0x2028 ||
    code === 0x2029
  );
}

/** . ! ? … */
function isStop(code: number): boolean {
  return code === 46 || code === 33 || code === 63 || code === 0x2026;
}

/** 。 ！ ？ ． ｡ and the danda of Indic scripts. */
function isWideStop(code: number): boolean {
  return (
    code === 0x3002 ||
    code === 0xff01 ||
    code === 0xff1f ||
    code === 0xff0e ||
    code === 0xff61 ||
    code === 0x0964
  );
}

/** " ' ) ] * _ ` » ’ ” and the corner brackets. */
function isCloser(code: number): boolean {
  return closers.has(code);
}

const closers = new Set([..."\"')]*_`»’”」』）】"].map((closer) => closer.charCodeAt(0)));
