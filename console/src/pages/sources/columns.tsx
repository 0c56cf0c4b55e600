/** What the list says about each source. */

import { Anchor, Badge, Group, Text, ThemeIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SourceLine } from "~/api/schema";
import type { Column } from "~/components/DataTable";
import { Sparkline } from "~/components/Sparkline";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import { KINDS } from "./kinds";
import type { Volume } from "./volumes";

export function columns(volumeOf: (source: string) => Volume | undefined): Column<SourceLine>[] {
  return [
    {
      key: "name",
      label: "Source",
      width: "minmax(0, 2fr)",
      isTitle: true,
      cell: (row) => <Name source={row} />,
    },
    {
      key: "trend",
      label: "Last 24 hours",
      width: "minmax(10.5rem, 1.2fr)",
      cell: (row) => <Trend volume={volumeOf(row.name)} />,
    },
    {
      key: "hour",
      label: "Last hour",
      width: "6rem",
      align: "right",
      cell: (row) => number(volumeOf(row.name)?.lastHour),
    },
    {
      key: "seen",
      label: "Last event",
      width: "minmax(7rem, 1fr)",
      cell: (row) => <Time at={row.last_seen} />,
    },
    {
      key: "plan",
      label: "Tracking plan",
      width: "minmax(8rem, 1fr)",
      cell: (row) => <Plan source={row} />,
    },
    {
      key: "duplicates",
      label: "Duplicates",
      width: "6rem",
      align: "right",
      cell: ({ last_24_hours: lately }) => number(lately.duplicates),
    },
    {
      key: "dropped",
      label: "Rejected",
      width: "5.5rem",
      align: "right",
      cell: ({ last_24_hours: lately }) => number(lately.dropped),
    },
  ];
}

function Name({ source }: { source: SourceLine }) {
  const kind = KINDS[source.type];
  return (
    <Group gap="sm" wrap="nowrap">
      <ThemeIcon variant="light" size={34} radius="md" aria-hidden>
        <kind.icon size={19} stroke={1.7} />
      </ThemeIcon>
      <div style={{ minWidth: 0 }}>
        <Group gap={6} wrap="nowrap">
          <Anchor
            fw={600}
            c="inherit"
            truncate
            renderRoot={(props) => <Link to="/sources/$name" params={{ name: source.name }} {...props} />}
          >
            {source.name}
          </Anchor>
          {!source.enabled && <Badge color="gray">Off</Badge>}
        </Group>
        <Text size="xs" c="dimmed">
          {kind.label}
        </Text>
      </div>
    </Group>
  );
}

function Trend({ volume }: { volume: Volume | undefined }) {
  if (!volume) return null;
  return (
    <Group gap="sm" wrap="nowrap">
      <Sparkline points={volume.points} label="Events in the last 24 hours" width={72} />
      <Text size="sm" style={{ whiteSpace: "nowrap" }}>
        {count(volume.last24Hours)}
      </Text>
    </Group>
  );
}

function Plan({ source }: { source: SourceLine }) {
  const { violations } = source.last_24_hours;
  if (!source.tracking_plan)
    return (
      <Text size="sm" c="dimmed">
        No plan
      </Text>
    );
  return (
    <div>
      <Text size="sm" truncate>
        {source.tracking_plan}
      </Text>
      <Text size="xs" c={violations ? "var(--mantine-color-orange-light-color)" : "dimmed"}>
        {violations ? counted(violations, "violation") : "No violations"}
      </Text>
    </div>
  );
}

function number(value: number | undefined) {
  return value === undefined ? "…" : count(value);
}
