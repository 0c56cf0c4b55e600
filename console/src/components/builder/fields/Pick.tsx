/** A choice inside of a sentence: as wide as what is chosen, quieter than what somebody fills in. */

import { Select, type SelectProps } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";

export interface Choice {
  value: string;
  label: string;
}

interface Props extends Omit<SelectProps, "data" | "onChange"> {
  data: readonly Choice[];
  onChange: (value: string) => void;
}

export function Pick({ data, value, onChange, ...field }: Props) {
  const chosen = data.find((each) => each.value === value)?.label ?? "";
  const longest = Math.max(...data.map((each) => each.label.length));
  return (
    <Select
      size="xs"
      variant="filled"
      w={widthOf(chosen.length)}
      allowDeselect={false}
      withCheckIcon={false}
      rightSection={<IconChevronDown size={12} aria-hidden />}
      rightSectionWidth={22}
      rightSectionPointerEvents="none"
      data={[...data]}
      value={value ?? null}
      onChange={(next) => next !== null && onChange(next)}
      maxDropdownHeight={340}
      comboboxProps={{ width: `${longest * 0.44 + 2}rem`, position: "bottom-start" }}
      {...field}
    />
  );
}

/** Of a small field with so many characters and an arrow behind them. */
export function widthOf(characters: number): string {
  return `${(Math.max(characters, 2) * 0.415 + 2.55).toFixed(2)}rem`;
}
