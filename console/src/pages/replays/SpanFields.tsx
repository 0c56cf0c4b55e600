/** When what is replayed was received: a span with a name, or two instants. */

import { Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

const NAMED = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
  { value: "", label: "All time" },
];

const OWN = "own";

interface Props {
  since: string | undefined;
  until: string | undefined;
  onChange: (change: { since?: string | undefined; until?: string | undefined }) => void;
  mistakes: Record<string, string>;
}

export function SpanFields({ since, until, onChange, mistakes }: Props) {
  const isNamed = !until && NAMED.some(({ value }) => value === (since ?? ""));
  const [isOwn, setOwn] = useState(!isNamed);
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500} id="span-label">
        Received
      </Text>
      <SegmentedControl
        aria-labelledby="span-label"
        data={[...NAMED, { value: OWN, label: "Custom" }]}
        value={isOwn ? OWN : (since ?? "")}
        onChange={(chosen) => {
          setOwn(chosen === OWN);
          if (chosen === OWN) onChange({ since: hoursAgo(24), until: undefined });
          else onChange({ since: chosen || undefined, until: undefined });
        }}
        style={{ overflowX: "auto" }}
      />
      {isOwn && (
        <Group grow align="flex-start">
          <TextInput
            type="datetime-local"
            label="From"
            value={localOf(since)}
            onChange={(event) => onChange({ since: instantOf(event.currentTarget.value) })}
            error={mistakes.since}
          />
          <TextInput
            type="datetime-local"
            label="To"
            value={localOf(until)}
            onChange={(event) => onChange({ until: instantOf(event.currentTarget.value) })}
            error={mistakes.until}
          />
        </Group>
      )}
    </Stack>
  );
}

function hoursAgo(hours: number): string {
  const at = new Date(Date.now() - hours * 3_600_000);
  at.setSeconds(0, 0);
  return at.toISOString();
}

/** An instant as the input has it: in the reader's own time, to the minute. */
function localOf(instant: string | undefined): string {
  if (!instant || Number.isNaN(Date.parse(instant))) return "";
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(local: string): string | undefined {
  return local ? new Date(local).toISOString() : undefined;
}
