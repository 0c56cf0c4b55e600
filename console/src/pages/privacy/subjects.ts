/** User ids out of a text with one a line. */

/** As many as the API takes in one request. */
export const SUBJECTS_MAX = 5_000;

/** Each once. Ids are compared exactly, so nothing but the end of a line is cut off. */
export function subjectsIn(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  return [...new Set(lines.filter((line) => line.trim() !== ""))];
}
