/** A transformation as the JSON that the workspace file would have; what is typed holds as soon as it is JSON. */

import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { CodeEditor } from "~/components/CodeEditor";
import { type Draft, definitionOf, draftOf, isSame } from "../model/draft";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  readOnly: boolean;
}

export function DefinitionText({ draft, onChange, readOnly }: Props) {
  const [text, setText] = useState(() => JSON.stringify(definitionOf(draft), null, 2));
  const [mistake, setMistake] = useState<string>();
  const read = useDebouncedCallback((next: string) => {
    try {
      const value: unknown = JSON.parse(next);
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new Error("a transformation is an object: { … }");
      setMistake(undefined);
      const changed = draftOf(value as Record<string, unknown>);
      if (!isSame(definitionOf(changed), definitionOf(draft))) onChange(changed);
    } catch (error) {
      setMistake(error instanceof Error ? error.message : String(error));
    }
  }, 300);
  return (
    <CodeEditor
      label="As in the workspace file"
      language="json"
      value={text}
      onChange={(next) => {
        setText(next);
        read(next);
      }}
      readOnly={readOnly}
      rowsMin={16}
      rowsMax={40}
      error={mistake ? `Not JSON yet: ${mistake}` : undefined}
    />
  );
}
