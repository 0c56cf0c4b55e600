/** A place in the event: typed, or chosen from those that the event at hand has. */

import { Autocomplete, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Place } from "./values";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  places: readonly Place[];
  /** A template has paths without `$.`. */
  readOnly?: boolean;
}

export function PathInput({ label, value, onChange, places, readOnly }: Props) {
  const samples = useMemo(() => new Map(places.map(({ path, sample }) => [path, sample])), [places]);
  return (
    <Autocomplete
      aria-label={label}
      size="sm"
      placeholder="$.properties.total"
      data={places.map(({ path }) => path)}
      limit={60}
      maxDropdownHeight={280}
      value={value}
      onChange={onChange}
      readOnly={readOnly}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      comboboxProps={{ width: 420, position: "bottom-start" }}
      renderOption={({ option }) => (
        <Group justify="space-between" wrap="nowrap" w="100%" gap="md">
          <Text size="sm" ff="monospace">
            {option.value}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {samples.get(option.value)}
          </Text>
        </Group>
      )}
    />
  );
}
