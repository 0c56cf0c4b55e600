/** One field of an action: what it gets, by default or by what somebody has written, and what that gives now. */

import { Badge, Button, Code, Group, Paper, Stack, Text } from "@mantine/core";
import type { FieldShape } from "~/api/schema";
import { Prose } from "~/components/Prose";
import { ValueEditor } from "./ValueEditor";
import { type Place, sampleOf, summary, type Value } from "./values";

interface Props {
  field: FieldShape;
  /** undefined: as by default. */
  value: Value | undefined;
  onChange: (value: Value | undefined) => void;
  places: readonly Place[];
  /** Of the payload; undefined: nothing, or not known. */
  result: unknown;
  mistake: string | undefined;
  readOnly: boolean;
}

export function FieldRow({ field, value, onChange, places, result, mistake, readOnly }: Props) {
  const isOwn = value !== undefined;
  const hasDefault = field.default !== undefined && field.default !== null;
  return (
    <Paper p="sm" bd={mistake ? "1px solid var(--mantine-color-error)" : undefined}>
      <Stack gap={6} role="group" aria-label={field.label}>
        <Group justify="space-between" gap="xs" align="flex-start">
          <Group gap="xs">
            <Text fw={600} size="sm">
              {field.label}
            </Text>
            <Code>{field.name}</Code>
            {field.required && (
              <Badge size="xs" color="orange">
                Required
              </Badge>
            )}
            <Text size="xs" c="dimmed">
              {typeOf(field)}
            </Text>
          </Group>
          {!readOnly && (
            <Group gap={4}>
              {!isOwn && (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => onChange(hasDefault ? field.default : { "@path": "$." })}
                >
                  {hasDefault ? "Change" : "Set"}
                </Button>
              )}
              {!isOwn && hasDefault && !field.required && (
                <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange(null)}>
                  Do not send
                </Button>
              )}
              {isOwn && (
                <Button size="compact-xs" variant="subtle" onClick={() => onChange(undefined)}>
                  {hasDefault ? "Reset to default" : "Remove"}
                </Button>
              )}
            </Group>
          )}
        </Group>
        {field.description && (
          <Text size="xs" c="dimmed">
            <Prose>{field.description}</Prose>
          </Text>
        )}
        {isOwn ? (
          <ValueEditor
            label={field.label}
            value={value}
            onChange={onChange}
            places={places}
            readOnly={readOnly}
          />
        ) : (
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {hasDefault ? <>Default: {summary(field.default)}</> : "Not sent"}
          </Text>
        )}
        {mistake ? (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {mistake}
          </Text>
        ) : (
          result !== undefined && (
            <Text size="xs" style={{ overflowWrap: "anywhere" }}>
              <Text span inherit c="dimmed">
                Preview{" "}
              </Text>
              <Code>{sampleOf(result)}</Code>
            </Text>
          )
        )}
      </Stack>
    </Paper>
  );
}

function typeOf(field: FieldShape): string {
  const one = field.format || field.type;
  const many = field.multiple ? `list of ${one}` : one;
  return field.choices?.length ? `${many}: ${field.choices.slice(0, 5).join(", ")}` : many;
}
