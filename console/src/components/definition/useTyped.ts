/** What is typed, at once; told to the address after a pause. */

import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";

const TOLD_AFTER_MS = 250;

export function useTyped(initial: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(initial);
  const later = useDebouncedCallback(tell, TOLD_AFTER_MS);
  return [
    typed,
    (text) => {
      setTyped(text);
      later(text);
    },
  ];
}
