/** Local time as a part of a file name: `20260131-120003`. */
export function fileTimestamp(date: Date): string {
  const { day, time } = localParts(date);
  return `${day.join("")}-${time.join("")}`;
}

/** Local time for people: `2026-01-31 12:00:03`. */
export function localTime(ms: number): string {
  const { day, time } = localParts(new Date(ms));
  return `${day.join("-")} ${time.join(":")}`;
}

function localParts(date: Date): { readonly day: readonly string[]; readonly time: readonly string[] } {
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    day: [String(date.getFullYear()), two(date.getMonth() + 1), two(date.getDate())],
    time: [date.getHours(), date.getMinutes(), date.getSeconds()].map(two),
  };
}
