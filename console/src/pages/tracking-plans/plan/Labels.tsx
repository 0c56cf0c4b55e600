/** Labels of a rule: words for people, as "area: checkout". */

import { ActionIcon, Badge, Group, Text, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";

interface Props {
  labels: Record<string, string>;
  onChange: (labels: Record<string, string>) => void;
  readOnly: boolean;
}

export function Labels({ labels, onChange, readOnly }: Props) {
  const [text, setText] = useState("");
  const entries = Object.entries(labels);
  if (readOnly && entries.length === 0) return null;
  const [key = "", ...rest] = text.split(":");
  const value = rest.join(":").trim();

  return (
    <div style={{ marginTop: "var(--mantine-spacing-md)" }}>
      <Text size="sm" fw={500} id="labels">
        Labels
      </Text>
      <Group gap={6} mt={4} role="group" aria-labelledby="labels">
        {entries.map(([name, said]) => (
          <Badge
            key={name}
            color="gray"
            size="lg"
            rightSection={
              !readOnly && (
                <ActionIcon
                  size="xs"
                  variant="transparent"
                  color="gray"
                  aria-label={`Remove the label ${name}`}
                  onClick={() => {
                    const { [name]: _, ...others } = labels;
                    onChange(others);
                  }}
                >
                  <IconX size={12} />
                </ActionIcon>
              )
            }
          >
            {name}: {said}
          </Badge>
        ))}
        {!readOnly && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (!key.trim() || !value) return;
              onChange({ ...labels, [key.trim()]: value });
              setText("");
            }}
          >
            <Group gap={6} wrap="nowrap">
              <TextInput
                aria-label="New label, as area: checkout"
                placeholder="area: checkout"
                size="xs"
                w="10rem"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <Tooltip label="Add label">
                <ActionIcon
                  type="submit"
                  variant="default"
                  size={30}
                  disabled={!key.trim() || !value}
                  aria-label="Add label"
                >
                  <IconPlus size={16} />
                </ActionIcon>
              </Tooltip>
            </Group>
          </form>
        )}
      </Group>
    </div>
  );
}
