/** A field that narrows a list. What is typed is shown at once and told after a pause. */

import { TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

const TOLD_AFTER_MS = 300;

interface Props extends Omit<TextInputProps, "value" | "defaultValue" | "onChange"> {
  /** As it is in the address. The field follows when that changes otherwise: back, a link, "show all". */
  value: string;
  onTyped: (text: string) => void;
}

export function Typed({ value, onTyped, ...field }: Props) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    // What was told comes back without the space that somebody is about to write behind.
    if (typed.trim() !== value.trim()) setTyped(value);
  }
  const tell = useDebouncedCallback(onTyped, TOLD_AFTER_MS);
  return (
    <TextInput
      {...field}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
