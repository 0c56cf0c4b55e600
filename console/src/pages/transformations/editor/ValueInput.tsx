/** Any JSON value: text as it is, all else by its kind. */

import { Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";

type Kind = "text" | "number" | "boolean" | "json";

const KINDS: { value: Kind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes / no" },
  { value: "json", label: "JSON" },
];

interface Props {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

export function ValueInput({ label, value, onChange, readOnly }: Props) {
  const kind = kindOf(value);
  const turn = (next: Kind) => onChange({ text: "", number: 0, boolean: true, json: null }[next] as unknown);
  return (
    <Group gap={4} align="flex-start">
      <Select
        aria-label={`Type of: ${label}`}
        data={KINDS}
        value={kind}
        onChange={(next) => next && next !== kind && turn(next as Kind)}
        allowDeselect={false}
        readOnly={readOnly}
        w="5rem"
        style={{ flexShrink: 0 }}
        comboboxProps={{ width: "max-content" }}
      />
      <div style={{ flex: "1 1 5rem", minWidth: 0 }}>
        {kind === "text" && (
          <TextInput
            aria-label={label}
            value={value as string}
            onChange={(event) => onChange(event.currentTarget.value)}
            readOnly={readOnly}
          />
        )}
        {kind === "number" && (
          <NumberInput
            aria-label={label}
            value={value as number}
            onChange={(next) => typeof next === "number" && onChange(next)}
            readOnly={readOnly}
          />
        )}
        {kind === "boolean" && (
          <Select
            aria-label={label}
            data={["true", "false"]}
            value={String(value)}
            onChange={(next) => onChange(next === "true")}
            allowDeselect={false}
            readOnly={readOnly}
          />
        )}
        {kind === "json" && <JsonInput label={label} value={value} onChange={onChange} readOnly={readOnly} />}
      </div>
    </Group>
  );
}

function kindOf(value: unknown): Kind {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "json";
}

function JsonInput({ label, value, onChange, readOnly }: Props) {
  const [text, setText] = useState(() => JSON.stringify(value));
  const [isWrong, setWrong] = useState(false);
  return (
    <TextInput
      aria-label={label}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        try {
          onChange(JSON.parse(event.currentTarget.value));
          setWrong(false);
        } catch {
          setWrong(true);
        }
      }}
      error={isWrong ? "Not JSON yet" : undefined}
      readOnly={readOnly}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}
