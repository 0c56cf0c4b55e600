/** A setting of any shape, written as JSON. What is no JSON is sent as the text it is, so that it is refused, not lost. */

import { useState } from "react";
import { CodeEditor } from "../CodeEditor";
import { Prose } from "../Prose";
import type { FieldProps } from "./SettingField";

export function JsonSetting({ setting, value, onChange, mistake, readOnly }: FieldProps) {
  const [text, setText] = useState(() => JSON.stringify(value ?? setting.fallback ?? {}, null, 2));
  const [broken, setBroken] = useState<string>();

  function write(next: string) {
    setText(next);
    try {
      onChange(JSON.parse(next));
      setBroken(undefined);
    } catch (error) {
      onChange(next);
      setBroken(`Invalid JSON: ${(error as Error).message}`);
    }
  }

  return (
    <CodeEditor
      label={setting.label}
      description={setting.help ? <Prose>{setting.help}</Prose> : undefined}
      language="json"
      rowsMin={3}
      rowsMax={12}
      value={text}
      onChange={write}
      readOnly={readOnly}
      error={broken ?? mistake}
    />
  );
}
