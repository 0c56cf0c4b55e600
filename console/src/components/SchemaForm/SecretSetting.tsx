/** A secret: never shown. One that is stored is kept until somebody replaces it. */

import { Button, Group, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { Prose } from "../Prose";
import type { FieldProps } from "./SettingField";
import { MASK } from "./schema";

export function SecretSetting({ setting, value, onChange, mistake, readOnly }: FieldProps) {
  const [wasStored] = useState(value === MASK);
  const common = {
    label: setting.label,
    description: setting.help ? <Prose>{setting.help}</Prose> : undefined,
    withAsterisk: setting.required,
    error: mistake,
    autoComplete: "off",
  };
  if (value === MASK) {
    return (
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          {...common}
          flex={1}
          value="Saved and hidden"
          readOnly
          leftSection={<IconLock size={16} />}
          styles={{ input: { color: "var(--mantine-color-dimmed)" } }}
        />
        {!readOnly && (
          <Button variant="default" onClick={() => onChange("")} aria-label={`Replace ${setting.label}`}>
            Replace
          </Button>
        )}
      </Group>
    );
  }
  const text = (value as string | undefined) ?? "";
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      {setting.kind === "long secret" ? (
        <Textarea
          {...common}
          flex={1}
          autosize
          minRows={3}
          maxRows={8}
          value={text}
          readOnly={readOnly}
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      ) : (
        <PasswordInput
          {...common}
          flex={1}
          value={text}
          readOnly={readOnly}
          autoComplete="new-password"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {wasStored && (
        <Button variant="subtle" onClick={() => onChange(MASK)}>
          Keep saved value
        </Button>
      )}
    </Group>
  );
}
