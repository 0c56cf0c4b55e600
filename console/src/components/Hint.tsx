/** A small sign that says more when it is pointed at, touched or focused. */

import { Text, Tooltip } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";

interface Props {
  /** What it says more about, for screen readers. */
  about: string;
  children: string;
}

export function Hint({ about, children }: Props) {
  return (
    <Tooltip label={children} multiline maw={320}>
      <Text
        span
        inherit
        c="dimmed"
        display="inline-flex"
        style={{ verticalAlign: "-2px" }}
        tabIndex={0}
        role="img"
        aria-label={`About ${about}: ${children}`}
      >
        <IconInfoCircle size={14} aria-hidden />
      </Text>
    </Tooltip>
  );
}
