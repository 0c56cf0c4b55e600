/** The fields of a mapping as JSON, in step with the form. What is no JSON yet stays in the editor. */

import { useEffect, useRef, useState } from "react";
import { CodeEditor } from "~/components/CodeEditor";

interface Props {
  mapping: Record<string, unknown>;
  onChange: (mapping: Record<string, unknown>) => void;
  readOnly: boolean;
  error: string | undefined;
}

export function JsonFields({ mapping, onChange, readOnly, error }: Props) {
  const [text, setText] = useState(() => written(mapping));
  const [mistake, setMistake] = useState<string>();
  const meant = useRef(mapping);

  // The form has changed it meanwhile.
  useEffect(() => {
    if (meant.current === mapping) return;
    meant.current = mapping;
    setText(written(mapping));
    setMistake(undefined);
  }, [mapping]);

  function write(next: string) {
    setText(next);
    try {
      const value: unknown = JSON.parse(next);
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        setMistake("This must be an object of fields and values.");
        return;
      }
      setMistake(undefined);
      meant.current = value as Record<string, unknown>;
      onChange(meant.current);
    } catch (found) {
      setMistake(`Invalid JSON: ${(found as Error).message}`);
    }
  }

  return (
    <CodeEditor
      label="Fields as JSON"
      description="Each field holds a fixed value or a directive. Fields not listed keep their defaults; null removes one."
      language="json"
      value={text}
      onChange={write}
      readOnly={readOnly}
      rowsMin={10}
      error={mistake ?? error}
    />
  );
}

function written(mapping: Record<string, unknown>): string {
  return JSON.stringify(mapping, null, 2);
}
