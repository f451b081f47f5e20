const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** Days from 0000-01-01 to the date in the proleptic Gregorian calendar, or null when there is no such date. */
export function daysOfDate(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return daysBeforeYear(year) + dayOfYear(year, month) + day - 1;
}

/** The date that is so many days after 0000-01-01; `days` from 0 to {@link lastDay}. */
export function dateOfDays(days: number): { year: number; month: number; day: number } {
  let year = Math.floor(days / 365.2425);
  if (daysBeforeYear(year + 1) <= days) year++;
  else if (daysBeforeYear(year) > days) year--;
  const within = days - daysBeforeYear(year);
  let month = 1;
  while (month < 12 && dayOfYear(year, month + 1) <= within) month++;
  return { year, month, day: within - dayOfYear(year, month) + 1 };
}

/** 9999-12-31. */
export const lastDay = 3_652_424;

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  const days = daysBeforeMonth[month]! - daysBeforeMonth[month - 1]!;
  return month === 2 && isLeapYear(year) ? days + 1 : days;
}

function dayOfYear(year: number, month: number): number {
  return daysBeforeMonth[month - 1]! + (month > 2 && isLeapYear(year) ? 1 : 0);
}

function daysBeforeYear(year: number): number {
  return (
    year * 365 + Math.floor((year + 3) / 4) - Math.floor((year + 99) / 100) + Math.floor((year + 399) / 400)
  );
}
