/** One setting: the input that suits its kind. */

import { Checkbox, Group, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { Prose } from "../Prose";
import { JsonSetting } from "./JsonSetting";
import { MapSetting } from "./MapSetting";
import { SecretSetting } from "./SecretSetting";
import type { Setting } from "./schema";

export interface FieldProps {
  setting: Setting;
  value: unknown;
  onChange: (value: unknown) => void;
  mistake?: string | undefined;
  readOnly?: boolean | undefined;
}

export function SettingField(props: FieldProps) {
  const { setting, value, onChange, mistake, readOnly } = props;
  const common = {
    label: setting.label,
    description: setting.help ? <Prose>{setting.help}</Prose> : undefined,
    withAsterisk: setting.required,
    error: mistake,
    readOnly,
  };
  switch (setting.kind) {
    case "secret":
    case "long secret":
      return <SecretSetting {...props} />;
    case "switch":
      return (
        <Switch
          label={setting.label}
          description={common.description}
          error={mistake}
          disabled={readOnly}
          checked={Boolean(value ?? setting.fallback)}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={setting.choices.map((choice) => ({ value: choice, label: choice || "None" }))}
          value={String(value ?? setting.fallback ?? "")}
          onChange={(chosen) => onChange(chosen ?? undefined)}
          allowDeselect={false}
          maw="24rem"
        />
      );
    case "choices":
      return (
        <Checkbox.Group
          {...common}
          value={(value ?? setting.fallback ?? []) as string[]}
          onChange={(chosen) => onChange(chosen)}
        >
          <Group mt="xs">
            {setting.choices.map((choice) => (
              <Checkbox key={choice} value={choice} label={choice} disabled={readOnly} />
            ))}
          </Group>
        </Checkbox.Group>
      );
    case "number":
      return (
        <NumberInput
          {...common}
          value={(value as number | undefined) ?? ""}
          placeholder={placeholder(setting)}
          allowDecimal={!setting.isWhole}
          min={setting.minimum}
          max={setting.maximum}
          clampBehavior="none"
          onChange={(written) => onChange(typeof written === "number" ? written : undefined)}
          maw="24rem"
        />
      );
    case "list":
      return (
        <TagsInput
          {...common}
          value={((value ?? []) as unknown[]).map(String)}
          placeholder="Type a value and press Enter"
          splitChars={[",", "\n", " "]}
          acceptValueOnBlur
          onChange={(items) => onChange(setting.hasNumbers ? items.map(Number) : items)}
        />
      );
    case "map":
      return <MapSetting {...props} />;
    case "json":
      return <JsonSetting {...props} />;
    case "long text":
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          value={(value as string | undefined) ?? ""}
          onChange={(event) => onChange(event.currentTarget.value)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          value={(value as string | undefined) ?? ""}
          placeholder={placeholder(setting)}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      );
  }
}

function placeholder(setting: Setting): string | undefined {
  const { fallback } = setting;
  return fallback === undefined || fallback === "" || fallback === null ? undefined : String(fallback);
}
