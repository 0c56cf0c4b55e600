/** One number with its name, and what it means when it is not obvious. */

import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Hint } from "./Hint";

interface Props {
  label: string;
  value: ReactNode;
  /** A few words beneath: the unit, the change. */
  note?: ReactNode;
  /** What it counts, for whoever asks. */
  hint?: string;
  tone?: "good" | "warn" | "bad";
  /** To the right: a sparkline, an icon. */
  aside?: ReactNode;
}

const TONES = { good: "green", warn: "yellow", bad: "red" } as const;

export function Figure({ label, value, note, hint, tone, aside }: Props) {
  const color = tone && `var(--mantine-color-${TONES[tone]}-light-color)`;
  return (
    <Paper px="md" py="sm" className="hw-figures">
      <Group gap={4} wrap="nowrap">
        <Text size="sm" c="dimmed" span truncate>
          {label}
        </Text>
        {hint && <Hint about={label}>{hint}</Hint>}
      </Group>
      <Group justify="space-between" align="center" wrap="nowrap" gap="xs">
        <Text fz="1.5rem" fw={650} lh={1.3} c={color} component="div" miw={0}>
          {value}
        </Text>
        {aside}
      </Group>
      {note && (
        <Text size="sm" c="dimmed" component="div">
          {note}
        </Text>
      )}
    </Paper>
  );
}
