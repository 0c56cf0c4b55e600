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
    { name: "value", label: "Text", kind: "value" },
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
    { name: "value", label: "Text", kind: "value" },
    { name: "pattern", label: "Find (1 to 10 characters)", kind: "text" },
    { name: "replacement", label: "Replace with", kind: "text", optional: true },
    { name: "ignorecase", label: "Ignore case", kind: "flag", fallback: false },
    { name: "global", label: "Replace all occurrences", kind: "flag", fallback: true },
    { name: "pattern2", label: "Then find (optional)", kind: "text", optional: true },
    { name: "replacement2", label: "Then replace with", kind: "text", optional: true },
  ],
  "@flatten": [
    { name: "value", label: "Value", kind: "value" },
    { name: "separator", label: "Separator", kind: "text" },
    { name: "omitArrays", label: "Keep lists unchanged", kind: "flag", fallback: false },
  ],
  "@json": [
    { name: "value", label: "Value", kind: "value" },
    {
      name: "mode",
      label: "Conversion",
      kind: "choice",
      choices: [
        { value: "encode", label: "to JSON text" },
        { value: "decode", label: "from JSON text" },
      ],
    },
  ],
  "@merge": [
    { name: "objects", label: "Objects", kind: "values" },
    {
      name: "direction",
      label: "On conflicts, keep",
      kind: "choice",
      choices: [
        { value: "right", label: "the later value" },
        { value: "left", label: "the earlier value" },
      ],
    },
  ],
  "@transform": [
    { name: "apply", label: "First build this object", kind: "object" },
    { name: "mapping", label: "Then map it", kind: "value" },
  ],
};
