/** A list of paths into an event. */

import { TagsInput } from "@mantine/core";

interface Props {
  label: string;
  value: string[];
  onChange: (value: string[]) => void;
  proposals: string[];
  readOnly: boolean;
}

export function PathList({ label, value, onChange, proposals, readOnly }: Props) {
  return (
    <TagsInput
      label={label}
      description="Dots lead into objects, as in order.id; Enter after each"
      data={proposals}
      value={value}
      onChange={onChange}
      readOnly={readOnly}
      acceptValueOnBlur
    />
  );
}
