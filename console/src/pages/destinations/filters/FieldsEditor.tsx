/** Members of an event by the objects they are in: `context.traits` → `phone`, `address`. */

import { ActionIcon, Autocomplete, Button, Group, Input, Stack, TagsInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Event } from "~/components/EventPicker";

type Line = [container: string, names: string[]];

interface Props {
  fields: Record<string, string[]>;
  onChange: (fields: Record<string, string[]>) => void;
  event: Event | undefined;
  mistake: string | undefined;
  readOnly: boolean;
}

const CONTAINERS = [
  "properties",
  "traits",
  "context",
  "context.traits",
  "context.page",
  "context.device",
  "properties.products",
];

export function FieldsEditor({ fields, onChange, event, mistake, readOnly }: Props) {
  // Two lines may be about one object while somebody types.
  const [lines, setLines] = useState<Line[]>(() => Object.entries(fields));
  function change(next: Line[]) {
    setLines(next);
    onChange(Object.fromEntries(next));
  }
  return (
    <Input.Wrapper
      label="Properties"
      labelElement="div"
      description="Where they are in the event, and their names."
      error={mistake}
    >
      <Stack gap="xs" mt={6}>
        {lines.map(([container, names], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place while it is being typed
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <Autocomplete
              aria-label={`Object ${index + 1}`}
              placeholder="(top level)"
              data={CONTAINERS}
              value={container}
              onChange={(next) => change(lines.with(index, [next, names]))}
              readOnly={readOnly}
              flex={1}
            />
            <TagsInput
              aria-label={`Names in ${container || "the event"}`}
              placeholder="name"
              data={namesIn(event, container)}
              acceptValueOnBlur
              value={names}
              onChange={(next) => change(lines.with(index, [container, next]))}
              readOnly={readOnly}
              flex={2}
            />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Remove object ${index + 1}`}
                onClick={() => change(lines.toSpliced(index, 1))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {!readOnly && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => change([...lines, [lines.length ? "context" : "properties", []]])}
            >
              Add object
            </Button>
          </div>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** What the event at hand has there; of a list, what its first item has. */
function namesIn(event: Event | undefined, container: string): string[] {
  let value: unknown = event;
  for (const step of container ? container.split(".") : []) {
    value =
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
    if (Array.isArray(value)) [value] = value as unknown[];
  }
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
