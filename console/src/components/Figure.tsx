/** One number with its name, and what it means when it is not obvious. */

import { Group, Paper, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  value: ReactNode;
  /** A word or two beneath: the unit, the change. */
  note?: ReactNode;
  hint?: string;
  tone?: "good" | "warn" | "bad";
  /** To the right: a sparkline, an icon. */
  aside?: ReactNode;
}

const TONES = { good: "green", warn: "yellow", bad: "red" } as const;

export function Figure({ label, value, note, hint, tone, aside }: Props) {
  const color = tone && `var(--mantine-color-${TONES[tone]}-light-color)`;
  const name = (
    <Text
      size="sm"
      c="dimmed"
      span
      style={hint ? { borderBottom: "1px dotted" } : undefined}
      tabIndex={hint ? 0 : undefined}
    >
      {label}
    </Text>
  );
  return (
    <Paper p="md" className="hw-figures">
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div style={{ minWidth: 0 }}>
          {hint ? (
            <Tooltip label={hint} multiline maw={280}>
              {name}
            </Tooltip>
          ) : (
            name
          )}
          <Text fz="1.6rem" fw={650} lh={1.25} style={{ color }} component="div">
            {value}
          </Text>
          {note && (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          )}
        </div>
        {aside}
      </Group>
    </Paper>
  );
}
