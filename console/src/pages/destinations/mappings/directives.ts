/** The arguments of directives that are objects, as parts of a form. */

import type { DirectiveName } from "./values";

export interface Part {
  name: string;
  label: string;
  kind: "value" | "text" | "flag" | "choice" | "values" | "object";
  choices?: { value: string; label: string }[];
  /** May be left out. */
  optional?: boolean;
  /** What holds while a flag is left out. */
  fallback?: boolean;
}

export const PARTS: Partial<Record<DirectiveName, readonly Part[]>> = {
  "@case": [
    { name: "value", label: "Of", kind: "value" },
    {
      name: "operator",
      label: "To",
      kind: "choice",
      choices: [
        { value: "lower", label: "lower case" },
        { value: "upper", label: "upper case" },
      ],
    },
  ],
  "@replace": [
    { name: "value", label: "In", kind: "value" },
    { name: "pattern", label: "Find (1 to 10 characters)", kind: "text" },
    { name: "replacement", label: "Put instead", kind: "text", optional: true },
    { name: "ignorecase", label: "Ignore case", kind: "flag", fallback: false },
    { name: "global", label: "Everywhere, not only the first", kind: "flag", fallback: true },
    { name: "pattern2", label: "Then find", kind: "text", optional: true },
    { name: "replacement2", label: "And put instead", kind: "text", optional: true },
  ],
  "@flatten": [
    { name: "value", label: "Of", kind: "value" },
    { name: "separator", label: "Between the names", kind: "text" },
    { name: "omitArrays", label: "Lists stay as they are", kind: "flag", fallback: false },
  ],
  "@json": [
    { name: "value", label: "Of", kind: "value" },
    {
      name: "mode",
      label: "Do",
      kind: "choice",
      choices: [
        { value: "encode", label: "write as JSON text" },
        { value: "decode", label: "read from JSON text" },
      ],
    },
  ],
  "@merge": [
    { name: "objects", label: "Objects", kind: "values" },
    {
      name: "direction",
      label: "Of equal names wins",
      kind: "choice",
      choices: [
        { value: "right", label: "the later one" },
        { value: "left", label: "the earlier one" },
      ],
    },
  ],
  "@transform": [
    { name: "apply", label: "First make this of the event", kind: "object" },
    { name: "mapping", label: "Then map what came of it", kind: "value" },
  ],
};
