/** A choice inside of a sentence: as wide as what is chosen, quieter than what somebody fills in. */

import { Select, type SelectProps } from "@mantine/core";

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
      data={[...data]}
      value={value ?? null}
      onChange={(next) => next !== null && onChange(next)}
      maxDropdownHeight={340}
      comboboxProps={{ width: widthOf(longest), position: "bottom-start" }}
      {...field}
    />
  );
}

/** Of a small field with so many characters and an arrow behind them. */
export function widthOf(characters: number): string {
  return `${(Math.max(characters, 3) * 0.41 + 2.6).toFixed(2)}rem`;
}
