/** Replays: what is sent again, and how far it is. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconRepeat } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { api } from "~/api/client";
import type { ReplayLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { nextPage } from "~/components/nextPage";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { Decide } from "./Decide";
import { Progress, StateBadge } from "./Progress";
import { conditionsOf, STATES, titleOf } from "./words";

const EVERY_MS = 2_000;

export default function Page() {
  const navigate = useNavigate();
  const found = useInfiniteQuery({
    queryKey: ["replays"],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
      const { data } = await api.GET("/api/v1/replays", { params: { query }, signal });
      if (!data) throw new Error("an answer without replays");
      return data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: ({ state }) => {
      const lines = state.data?.pages.flatMap((page) => page.data) ?? [];
      return lines.some((line) => line.state === "running") ? EVERY_MS : false;
    },
  });
  const replays = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  return (
    <>
      <PageHeader
        title="Replays"
        description="Send stored events again: to a destination that is new, was down or was misconfigured."
        actions={replays.length > 0 ? <NewReplay /> : undefined}
      />
      {found.isPending ? (
        <Loading />
      ) : found.error && !found.data ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : replays.length === 0 ? (
        <Empty icon={IconRepeat} title="No replays yet" action={<NewReplay />}>
          Every accepted event is stored, so you can send any time range again, to one destination or through
          the whole pipeline. You see the count before anything is sent.
        </Empty>
      ) : (
        <DataTable
          label="Replays"
          columns={COLUMNS}
          rows={replays}
          rowKey={(replay) => replay.id}
          onOpen={(replay) => void navigate({ to: "/replays/$id", params: { id: replay.id } })}
          onEnd={nextPage(found)}
          isFetching={found.isFetchingNextPage}
          rowHeight={72}
          footer={counted(replays.length, "replay")}
        />
      )}
    </>
  );
}

function NewReplay() {
  return (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/replays/-/new" {...props} />}
      >
        New replay
      </Button>
    </May>
  );
}

const COLUMNS: Column<ReplayLine>[] = [
  {
    key: "what",
    label: "Replay",
    width: "minmax(16rem, 2.2fr)",
    isTitle: true,
    cell: (replay) => (
      <Stack gap={0}>
        <Text fw={550}>{titleOf(replay.asked)}</Text>
        <Text size="sm" c="dimmed" lineClamp={1} fw={400}>
          {conditionsOf(replay.asked).join(", ") || "All stored events"}
        </Text>
      </Stack>
    ),
  },
  {
    key: "state",
    label: "Status",
    width: "7rem",
    cell: (replay) => <StateBadge state={replay.state} />,
  },
  {
    key: "progress",
    label: "Progress",
    width: "minmax(11rem, 1.3fr)",
    cell: (replay) => <Progress replay={replay} />,
  },
  {
    key: "by",
    label: "Started by",
    width: "minmax(8rem, 1fr)",
    cell: (replay) => (
      <Stack gap={0}>
        <Text size="sm">{replay.author || "API"}</Text>
        <Text size="sm" c="dimmed" component="div">
          <Time at={replay.created_at} />
        </Text>
      </Stack>
    ),
  },
  {
    key: "actions",
    label: "",
    width: "7.5rem",
    align: "right",
    cell: (replay) =>
      STATES[replay.state].isOver ? null : (
        <Group justify="flex-end" gap={4}>
          <Decide replay={replay} compact />
        </Group>
      ),
  },
];
