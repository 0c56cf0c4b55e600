/** The versions of the workspace, newest first. */

import { Badge, Group, Text } from "@mantine/core";
import { IconGitCommit } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { api } from "~/api/client";
import type { VersionLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Initials } from "~/components/Initials";
import { nextPage } from "~/components/nextPage";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { Undo } from "./Undo";
import { noteOf } from "./words";

export function Versions() {
  const navigate = useNavigate({ from: "/history" });
  const found = useInfiniteQuery({
    queryKey: ["versions"],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) };
      const { data } = await api.GET("/api/v1/workspace/versions", { params: { query }, signal });
      if (!data) throw new Error("an answer without versions");
      return data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const lines = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  if (found.isPending) return <Loading />;
  if (!found.data) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (lines.length === 0)
    return (
      <Empty icon={IconGitCommit} title="No versions yet">
        The first change to the workspace creates one.
      </Empty>
    );
  const newest = lines[0]?.version;
  return (
    <DataTable
      label="Versions of the workspace"
      columns={columnsFor(newest)}
      rows={lines}
      rowKey={(line) => String(line.version)}
      onOpen={(line) => void navigate({ search: (now) => ({ ...now, version: line.version }) })}
      onEnd={nextPage(found)}
      isFetching={found.isFetchingNextPage}
      rowHeight={56}
      footer={found.hasNextPage ? "The last 1,000 versions are kept" : counted(lines.length, "version")}
    />
  );
}

function columnsFor(newest: number | undefined): Column<VersionLine>[] {
  return [
    {
      key: "version",
      label: "Version",
      width: "8.5rem",
      cell: (line) => (
        <Group gap="xs">
          <Text span ff="monospace">
            {line.version}
          </Text>
          {line.version === newest && <Badge color="green">current</Badge>}
        </Group>
      ),
    },
    {
      key: "what",
      label: "Change",
      width: "minmax(14rem, 2.4fr)",
      isTitle: true,
      cell: (line) =>
        line.note ? (
          <Text style={{ overflowWrap: "anywhere" }}>{noteOf(line)}</Text>
        ) : (
          <Text c="dimmed" fw={400}>
            {noteOf(line)}
          </Text>
        ),
    },
    {
      key: "who",
      label: "Author",
      width: "minmax(10rem, 1fr)",
      cell: (line) => (
        <Group gap="xs" wrap="nowrap">
          <Initials name={line.author || "?"} size="sm" />
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {line.author || "unknown"}
          </Text>
        </Group>
      ),
    },
    {
      key: "when",
      label: "Date",
      width: "minmax(8rem, 0.7fr)",
      cell: (line) => (
        <Text size="sm" component="div">
          <Time at={line.at} />
        </Text>
      ),
    },
    {
      key: "actions",
      label: "",
      width: "7rem",
      align: "right",
      cell: (line) => (line.version === newest && line.version > 1 ? <Undo version={line.version} /> : null),
    },
  ];
}
