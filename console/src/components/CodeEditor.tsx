/** CodeMirror, fetched when the first editor is shown: JSON, YAML, SQL and FQL, with mistakes at their places. */

import { Input, Skeleton } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useId } from "react";
import type { EditorProps } from "./codemirror/Editor";

const Editor = lazy(() => import("./codemirror/Editor"));

interface Props extends Omit<EditorProps, "labelledBy" | "describedBy"> {
  label: string;
  description?: ReactNode;
  error?: string | undefined;
  /** The label is there for screen readers only. */
  hideLabel?: boolean;
}

export function CodeEditor({ label, description, error, hideLabel, ...editor }: Props) {
  const id = useId();
  const height = `${(editor.rowsMin ?? 6) * 1.4 + 1}rem`;
  return (
    <Input.Wrapper
      label={hideLabel ? undefined : label}
      labelProps={{ id: `${id}-label` }}
      description={description}
      descriptionProps={{ id: `${id}-description` }}
      error={error}
      errorProps={{ id: `${id}-error`, role: "alert" }}
    >
      <Suspense fallback={<Skeleton height={height} role="status" aria-label={`Loading ${label}`} />}>
        <Editor
          {...editor}
          label={label}
          labelledBy={hideLabel ? undefined : `${id}-label`}
          describedBy={error ? `${id}-error` : description ? `${id}-description` : undefined}
          hasError={Boolean(error)}
        />
      </Suspense>
    </Input.Wrapper>
  );
}
