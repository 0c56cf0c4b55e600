/** One replay: what it is about, how far it is, and what has become of what it sent. */

import { Alert, Button, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconCopy, IconInfoCircle } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { $api } from "~/api/client";
import type { ReplayLine } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { Figure } from "~/components/Figure";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { count, duration, rate, share } from "~/format/format";
import { Decide } from "./Decide";
import { Progress, StateBadge } from "./Progress";
import { conditionsOf, STATES, titleOf } from "./words";

const EVERY_MS = 1_000;

const CRUMBS = [{ label: "Replays", link: { to: "/replays" } }] as const;

export default function ReplayPage() {
  const { id } = useParams({ from: "/shell/replays/$id" });
  const found = $api.useQuery(
    "get",
    "/api/v1/replays/{replay_id}",
    { params: { path: { replay_id: id } } },
    {
      refetchInterval: ({ state }) => (state.data && STATES[state.data.state].isOver ? false : EVERY_MS),
    },
  );
  if (found.data) return <Shown replay={found.data} />;
  return (
    <>
      <PageHeader title="Replay" crumbs={[...CRUMBS]} />
      {found.isPending ? <Loading /> : <Failed error={found.error} retry={() => void found.refetch()} />}
    </>
  );
}

function Shown({ replay }: { replay: ReplayLine }) {
  const { isOver } = STATES[replay.state];
  return (
    <>
      <PageHeader
        title={titleOf(replay.asked)}
        crumbs={[...CRUMBS]}
        badges={<StateBadge state={replay.state} />}
        description={conditionsOf(replay.asked).join(", ") || "All events stored when it started."}
        actions={
          isOver ? (
            <May role="editor">
              <Button
                variant="default"
                leftSection={<IconCopy size={16} />}
                renderRoot={(props) => <Link to="/replays/-/new" search={wishOf(replay)} {...props} />}
              >
                Duplicate
              </Button>
            </May>
          ) : (
            <Decide replay={replay} />
          )
        }
      />
      <Stack>
        {replay.why && (
          <Alert
            color={replay.state === "failed" ? "red" : "blue"}
            icon={<IconInfoCircle />}
            title={replay.state === "failed" ? "Replay failed" : "Waiting"}
          >
            {replay.why}
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} aria-live="polite">
          <Figure label="Sent" value={count(replay.sent)} note={paceOf(replay)} />
          <Figure
            label="Skipped"
            value={count(replay.skipped)}
            hint="Checked but not sent: they do not match the condition or audience, or the user is suppressed or deleted."
          />
          <Figure
            label="Checked"
            value={count(replay.looked)}
            note={replay.rows ? `of ${count(replay.rows)}` : undefined}
          />
          <Figure
            label="Progress"
            value={replay.progress === null ? "–" : share(replay.progress)}
            note={endOf(replay)}
          />
        </SimpleGrid>
        {!isOver && (
          <Paper p="md">
            <Progress replay={replay} />
          </Paper>
        )}
        <Paper p="md">
          <Title order={2} size="h5" mb="xs">
            Details
          </Title>
          <Facts replay={replay} />
        </Paper>
        {replay.asked.to && (
          <Group>
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link to="/deliveries" search={{ destination: replay.asked.to, since: "24h" }} {...props} />
              )}
            >
              View receipts of {replay.asked.to}
            </Button>
          </Group>
        )}
      </Stack>
    </>
  );
}

function Facts({ replay }: { replay: ReplayLine }) {
  const { asked } = replay;
  const list = (names: readonly unknown[] | undefined, all: string) => names?.map(String).join(", ") || all;
  const rows: [string, ReactNode][] = [
    ["From", asked.from === "dead_letters" ? "Dead letters" : "Accepted events"],
    ["To", asked.to || "All destinations, through the pipeline"],
    ["Sources", list(asked.sources, "All")],
    ["Calls", list(asked.types, "All")],
    ["Events", list(asked.events, "All")],
    ["Rate", `Up to ${rate(asked.per_s ?? 500)} events per second`],
    ["Started", <Time key="at" at={replay.created_at} exact />],
    ["Started by", replay.author || "API"],
    [
      "ID",
      <Group key="id" gap={4}>
        <Text size="sm" ff="monospace">
          {replay.id}
        </Text>
        <Copy value={replay.id} what="replay ID" />
      </Group>,
    ],
  ];
  return (
    <Table variant="vertical" verticalSpacing={6} highlightOnHover={false}>
      <Table.Tbody>
        {rows.map(([label, value]) => (
          <Table.Tr key={label}>
            <Table.Th w="8rem" fw={500} c="dimmed">
              {label}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function wishOf({ asked }: ReplayLine) {
  return {
    ...asked,
    sources: asked.sources?.map(String),
    types: asked.types?.map(String),
    events: asked.events?.map(String),
  };
}

function paceOf(replay: ReplayLine): string | undefined {
  if (!replay.ended_at || !replay.sent) return undefined;
  const took = Date.parse(replay.ended_at) - Date.parse(replay.created_at);
  return `in ${duration(Math.max(took, 1))}`;
}

function endOf(replay: ReplayLine): ReactNode {
  return replay.ended_at ? (
    <>
      Ended <Time at={replay.ended_at} />
    </>
  ) : undefined;
}
