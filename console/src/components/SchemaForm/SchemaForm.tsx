/** A form made of the JSON Schema of a destination type's settings: what must be given first, the rest on demand. */

import { Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { Fold } from "../Fold";
import { SettingField } from "./SettingField";
import { isShown, type Setting, type Settings, settingsOf, withValue } from "./schema";

interface Props {
  schema: Record<string, unknown>;
  value: Settings;
  onChange: (value: Settings) => void;
  /** What is wrong, by setting. */
  mistakes?: Record<string, string>;
  readOnly?: boolean;
}

export function SchemaForm({ schema, value, onChange, mistakes = {}, readOnly }: Props) {
  const settings = useMemo(() => settingsOf(schema), [schema]);
  const [needed, others] = split(settings.filter((each) => isShown(each, settings, value)));
  const isHidden = others.some((each) => each.name in mistakes || each.name in value);
  const [opened, setOpened] = useState<boolean | null>(null);
  const shown = opened ?? isHidden;
  const draw = (setting: Setting) => (
    <SettingField
      key={setting.name}
      setting={setting}
      value={value[setting.name]}
      onChange={(next) => onChange(withValue(value, setting, next))}
      mistake={mistakes[setting.name]}
      readOnly={readOnly}
    />
  );
  if (settings.length === 0) return <Text c="dimmed">No settings needed.</Text>;
  return (
    <Stack>
      {needed.map(draw)}
      {others.length > 0 && (
        <Fold
          label={`Advanced settings (${others.length})`}
          isOpen={shown}
          onToggle={() => setOpened(!shown)}
        >
          <Stack>{others.map(draw)}</Stack>
        </Fold>
      )}
    </Stack>
  );
}

/** Where nothing is needed, the first two say what it is about: they are shown at once. */
function split(settings: Setting[]): [Setting[], Setting[]] {
  const needed = settings.filter((each) => each.isBasic);
  if (needed.length > 0) return [needed, settings.filter((each) => !each.isBasic)];
  return [settings.slice(0, 2), settings.slice(2)];
}
