/** Numbers, sizes, times and instants as people read them, in the language of their browser. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hour12: false,
});
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const SIZES = ["B", "kB", "MB", "GB", "TB", "PB"];

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** 1,234,567 */
export function count(value: number): string {
  return whole.format(value);
}

/** 1.2M */
export function compact(value: number): string {
  return short.format(value);
}

/** 12.3 events a second; small ones with a digit more. */
export function rate(value: number): string {
  return value >= 100 ? whole.format(value) : fine.format(value);
}

/** The same with its unit: 12.3/s. */
export function perSecond(value: number): string {
  return `${rate(value)}/s`;
}

/** A share of 0 to 1. */
export function share(value: number): string {
  return percent.format(value);
}

/** "3 audiences", "1 audience". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? whole.format(size) : fine.format(size)} ${SIZES[unit]}`;
}

/** A span of time: 340 ms, 2.4 s, 5 min, 3 h, 12 d. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${whole.format(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 90) return `${fine.format(seconds)} s`;
  if (seconds < 5_400) return `${whole.format(seconds / 60)} min`;
  if (seconds < 129_600) return `${fine.format(seconds / 3_600)} h`;
  return `${whole.format(seconds / 86_400)} d`;
}

/** "5 minutes ago", "in 2 days"; `now` in Unix milliseconds. */
export function ago(instant: string | number | Date, now: number): string {
  const seconds = (new Date(instant).getTime() - now) / 1_000;
  const sign = Math.sign(seconds);
  let larger: (typeof UNITS)[number] | undefined;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length || unit === "second") {
      // Half a minute more is rounded away from now, before it as after it.
      const rounded = Math.round(Math.abs(seconds) / length);
      // Nobody says that something was 60 minutes ago.
      if (larger && rounded * length >= larger[1]) return relative.format(sign, larger[0]);
      return relative.format(sign * rounded, unit);
    }
    larger = [unit, length];
  }
  return "";
}

/** Time of day to the millisecond: 20:43:19.329. */
export function clock(instant: string | number | Date): string {
  return time.format(new Date(instant));
}

/** Date and time to the second, in the reader's time zone. */
export function moment(instant: string | number | Date): string {
  return exact.format(new Date(instant));
}
