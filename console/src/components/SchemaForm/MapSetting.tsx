/** Names and values, a line each. A line without a name is not there yet. */

import { ActionIcon, Button, Group, Input, NumberInput, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Prose } from "../Prose";
import type { FieldProps } from "./SettingField";

type Line = [name: string, value: unknown];

export function MapSetting({ setting, value, onChange, mistake, readOnly }: FieldProps) {
  // What is written is kept here as well: two lines may have the same name, or none, while somebody types.
  const [lines, setLines] = useState<Line[]>(() => Object.entries((value ?? {}) as Record<string, unknown>));

  function change(next: Line[]) {
    setLines(next);
    onChange(Object.fromEntries(next.filter(([name]) => name.trim())));
  }

  return (
    <Input.Wrapper
      label={setting.label}
      labelElement="div"
      description={setting.help ? <Prose>{setting.help}</Prose> : undefined}
      error={mistake}
      withAsterisk={setting.required}
    >
      <Stack gap="xs" mt={6}>
        {lines.map(([name, held], index) => {
          const put = (line: Line) => change(lines.with(index, line));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place while its name is being typed
            <Group key={index} gap="xs" wrap="nowrap">
              <TextInput
                aria-label={`${setting.label}, name ${index + 1}`}
                placeholder="name"
                value={name}
                readOnly={readOnly}
                flex={1}
                onChange={(event) => put([event.currentTarget.value, held])}
              />
              {setting.hasNumbers ? (
                <NumberInput
                  aria-label={`${setting.label}, value of ${name || index + 1}`}
                  value={(held as number | undefined) ?? ""}
                  readOnly={readOnly}
                  allowDecimal={false}
                  flex={1.5}
                  onChange={(written) => put([name, written === "" ? undefined : Number(written)])}
                />
              ) : (
                <TextInput
                  aria-label={`${setting.label}, value of ${name || index + 1}`}
                  placeholder="value"
                  value={String(held ?? "")}
                  readOnly={readOnly}
                  flex={1.5}
                  onChange={(event) => put([name, event.currentTarget.value])}
                />
              )}
              {!readOnly && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${name || `row ${index + 1}`}`}
                  onClick={() => change(lines.toSpliced(index, 1))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </Group>
          );
        })}
        {!readOnly && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => setLines([...lines, ["", setting.hasNumbers ? undefined : ""]])}
            >
              Add row
            </Button>
          </div>
        )}
      </Stack>
    </Input.Wrapper>
  );
}
