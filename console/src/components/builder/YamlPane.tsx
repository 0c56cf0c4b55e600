/** The definition as YAML, as the workspace file has it; mistakes stand at their places. */

import { useMemo } from "react";
import type { Mistake } from "~/api/schema";
import { CodeEditor } from "../CodeEditor";
import type { Mark } from "../codemirror/Editor";
import { lineOf, placeOf } from "./yamlPlaces";

type Placed = Pick<Mistake, "message"> & Partial<Pick<Mistake, "path" | "line">>;

interface Props {
  value: string;
  onChange: (text: string) => void;
  /** Of this text; those of the form are shown there. */
  mistakes: readonly Placed[];
  readOnly?: boolean;
}

export default function YamlPane({ value, onChange, mistakes, readOnly = false }: Props) {
  const marks = useMemo(
    () => mistakes.map((mistake): Mark => ({ ...rangeOf(value, mistake), message: mistake.message })),
    [value, mistakes],
  );
  const [first, ...more] = mistakes;
  const others = more.length > 0 ? ` And ${more.length} more.` : "";
  return (
    <CodeEditor
      label="The definition as YAML"
      hideLabel
      language="yaml"
      value={value}
      onChange={onChange}
      marks={marks}
      error={first && `${first.path ? `${first.path}: ` : ""}${first.message}.${others}`}
      readOnly={readOnly}
      rowsMin={8}
      rowsMax={26}
    />
  );
}

function rangeOf(text: string, { path, line }: Placed) {
  return !path && line ? lineOf(text, line) : placeOf(text, path ?? "");
}
