/** Pairs of a path and something, a line each, and a line for the next one. */

import { ActionIcon, Autocomplete, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconArrowRight, IconPlus, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { withKey, without } from "../model/draft";

interface Field<Value> {
  value: Value;
  onChange: (value: Value) => void;
  label: string;
}

interface Props<Value> {
  value: Record<string, Value>;
  onChange: (value: Record<string, Value>) => void;
  /** What stands left and right. */
  from: string;
  to: string;
  /** The right side of a new pair. */
  empty: Value;
  proposals: string[];
  readOnly: boolean;
  hint?: string;
  render: (field: Field<Value>) => ReactNode;
}

export function Pairs<Value>({
  value,
  onChange,
  from,
  to,
  empty,
  proposals,
  readOnly,
  hint,
  render,
}: Props<Value>) {
  const [next, setNext] = useState("");
  const [target, setTarget] = useState<Value>(empty);
  const isTaken = next in value;

  function add() {
    const key = next.trim();
    if (!key || isTaken) return;
    onChange({ ...value, [key]: target });
    setNext("");
    setTarget(empty);
  }

  return (
    <Stack gap={6}>
      {Object.entries(value).map(([key, own], index) => (
        // The order stays when a path is edited: a line is known by its place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Group key={index} gap={6} wrap="nowrap" align="flex-start">
          <KeyInput
            label={`${from} ${index + 1}`}
            value={key}
            proposals={proposals}
            readOnly={readOnly}
            onChange={(renamed) => {
              const changed = withKey(value, key, renamed);
              if (changed) onChange(changed);
              return changed !== null;
            }}
          />
          <IconArrowRight size={16} aria-hidden style={{ flexShrink: 0, marginTop: 10 }} />
          <div style={{ flex: "1.4 1 0", minWidth: 0 }}>
            {render({
              value: own,
              onChange: (changed) => onChange({ ...value, [key]: changed }),
              label: `${to} for ${key}`,
            })}
          </div>
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={4}
              onClick={() => onChange(without(value, key))}
              aria-label={`Remove ${key}`}
            >
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!readOnly && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <Group gap={6} wrap="nowrap" align="flex-start">
            <Autocomplete
              aria-label={`${from} of a new line`}
              placeholder={from.toLowerCase()}
              data={proposals}
              value={next}
              onChange={setNext}
              error={isTaken ? "It is there already" : undefined}
              style={{ flex: "1 1 0", minWidth: 0 }}
            />
            <IconArrowRight size={16} aria-hidden style={{ flexShrink: 0, marginTop: 10 }} />
            <div style={{ flex: "1.4 1 0", minWidth: 0 }}>
              {render({ value: target, onChange: setTarget, label: `${to} of a new line` })}
            </div>
            <Tooltip label="Add line">
              <ActionIcon
                type="submit"
                variant="default"
                mt={4}
                disabled={!next.trim() || isTaken}
                aria-label={`Add ${from.toLowerCase()}`}
              >
                <IconPlus size={16} />
              </ActionIcon>
            </Tooltip>
          </Group>
          {hint && (
            <Text size="xs" c="dimmed" mt={2}>
              {hint}
            </Text>
          )}
        </form>
      )}
    </Stack>
  );
}

interface KeyProps {
  label: string;
  value: string;
  proposals: string[];
  readOnly: boolean;
  /** Whether it could be taken. */
  onChange: (value: string) => boolean;
}

/** What is typed counts when the field is left: on the way it may be a path that there is already. */
function KeyInput({ label, value, proposals, readOnly, onChange }: KeyProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    setText(value);
  }
  const commit = (next: string) => {
    if (!next.trim() || !onChange(next.trim())) setText(value);
  };
  return (
    <Autocomplete
      aria-label={label}
      data={proposals}
      value={text}
      onChange={setText}
      onOptionSubmit={commit}
      onBlur={() => commit(text)}
      readOnly={readOnly}
      style={{ flex: "1 1 0", minWidth: 0 }}
    />
  );
}
