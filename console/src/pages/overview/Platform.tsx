/** The platform itself: its roles and how far behind each reader is, and what it keeps. */

import { Badge, Group, Paper, Progress, Stack, Table, Text, Title } from "@mantine/core";
import type { OverviewNow } from "~/api/schema";
import { bytes, count, counted, duration, share } from "~/format/format";

const ROLES: Record<string, string> = {
  collect: "Receives events",
  pipeline: "Processes them and updates profiles",
  deliver: "Sends them to destinations",
  serve: "Runs this console and the API",
};

const READERS: Record<string, string> = { pipeline: "Pipeline", archive: "Lake" };

export function Roles({ now }: { now: OverviewNow }) {
  const behind = now.readers.filter((reader) => reader.events > 0 || reader.seconds > 1);
  return (
    <Paper p="md" id="roles">
      <Title order={2} size="h5" mb="xs">
        Roles
      </Title>
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {Object.entries(now.roles).map(([name, role]) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Text size="sm" fw={550}>
                  {name}
                </Text>
                <Text size="xs" c="dimmed">
                  {role.reasons.length > 0 ? role.reasons.join("; ") : ROLES[name]}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Badge color={role.ready ? "green" : role.up ? "yellow" : "red"}>
                  {role.ready ? "ready" : role.up ? "not ready" : "down"}
                </Badge>
                {role.processes[0]?.started_at && (
                  <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                    up {duration(Date.parse(now.at) - Date.parse(role.processes[0].started_at))}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Title order={3} size="h6" mt="md" mb={4}>
        Processing lag
      </Title>
      {behind.length === 0 ? (
        <Text size="sm" c="dimmed">
          None. Everything that arrived has been processed.
        </Text>
      ) : (
        <Stack gap={2}>
          {behind.map((reader) => (
            <Group key={`${reader.log} ${reader.reader}`} justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {READERS[reader.reader] ?? reader.reader.replace("deliver:", "Delivery to ")}
              </Text>
              <Text size="sm" c="dimmed" ta="right">
                {counted(reader.events, "event")}, {duration(reader.seconds * 1_000)}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
      {now.people?.sweep.under_way && now.people.sweep.total > 0 && (
        <>
          <Title order={3} size="h6" mt="md" mb={4}>
            Updating all profiles
          </Title>
          <Progress
            value={now.people.sweep.progress * 100}
            aria-label="New definitions are computed for all profiles"
          />
          <Text size="xs" c="dimmed" mt={4}>
            {count(now.people.sweep.done)} of {count(now.people.sweep.total)} profiles (
            {share(now.people.sweep.progress)})
          </Text>
        </>
      )}
    </Paper>
  );
}

const COLORS = ["water.7", "water.4", "indigo.5", "violet.5", "grape.5", "teal.5", "orange.5", "gray.5"];

export function StorageCard({ now }: { now: OverviewNow }) {
  const { storage } = now;
  if (!storage) return null;
  const shown = storage.areas.filter((area) => area.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  return (
    <Paper p="md">
      <Title order={2} size="h5" mb={4}>
        Storage
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {bytes(storage.bytes)} used, {bytes(storage.disk_free_bytes)} free
        {storage.full_in_days !== null && <>: enough for {lasting(storage.full_in_days)} at today's rate</>}.
      </Text>
      <Progress.Root size="lg" aria-label="Storage by kind">
        {shown.map((area, index) => (
          <Progress.Section
            key={area.name}
            value={(area.bytes / storage.bytes) * 100}
            color={COLORS[index % COLORS.length] ?? "gray.5"}
            aria-label={area.what}
          />
        ))}
      </Progress.Root>
      <Table verticalSpacing={4} mt="sm">
        <Table.Tbody>
          {shown.map((area, index) => (
            <Table.Tr key={area.name}>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <svg width={10} height={10} aria-hidden style={{ flex: "none" }}>
                    <circle cx={5} cy={5} r={5} fill={`var(--mantine-color-${color(index)})`} />
                  </svg>
                  <Text size="sm">{area.what}</Text>
                </Group>
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }} title={area.name}>
                  {bytes(area.bytes)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs" hidden={storage.oldest_log_s < 1}>
        The log holds the requests of the last {duration(storage.oldest_log_s * 1_000)}.
      </Text>
    </Paper>
  );
}

function color(index: number): string {
  return (COLORS[index % COLORS.length] ?? "gray.5").replace(".", "-");
}

function lasting(days: number): string {
  return days > 3_650
    ? "more than 10 years"
    : days > 730
      ? `${count(days / 365)} years`
      : counted(Math.round(days), "day");
}
