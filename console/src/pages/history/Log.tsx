/** The audit log: who did what, when, and by which means. */

import { Badge, Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconFilterOff, IconListDetails } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { api } from "~/api/client";
import type { AuditLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Initials } from "~/components/Initials";
import { nextPage } from "~/components/nextPage";
import { ROLES } from "~/components/roles";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { LogFilters } from "./LogFilters";
import type { HistorySearch } from "./routes";
import { didWhat, MEANS, noteOf, OPERATIONS } from "./words";

export function Log({ search }: { search: HistorySearch }) {
  const navigate = useNavigate({ from: "/history" });
  const found = useAudit(search);
  const lines = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  const clear = () => void navigate({ search: { tab: "log" }, replace: true });
  return (
    <Stack>
      <LogFilters search={search} />
      {found.isPending ? (
        <Loading />
      ) : !found.data ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : lines.length === 0 ? (
        <Empty
          icon={IconListDetails}
          title="No matching entries"
          action={
            <Button variant="default" leftSection={<IconFilterOff size={16} />} onClick={clear}>
              Clear filters
            </Button>
          }
        >
          Nothing in the last 400 days matches these filters.
        </Empty>
      ) : (
        <DataTable
          label="Audit log"
          columns={COLUMNS}
          rows={lines}
          rowKey={(line) => line.id}
          onEnd={nextPage(found)}
          isFetching={found.isFetchingNextPage}
          rowHeight={64}
          footer={found.hasNextPage ? undefined : counted(lines.length, "entry", "entries")}
        />
      )}
    </Stack>
  );
}

function useAudit({ actor, kind, subject, since }: HistorySearch) {
  return useInfiniteQuery({
    queryKey: ["audit", actor, kind, subject, since],
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 100,
        actor,
        subject,
        since,
        ...(kind === "workspace" ? { versions: true } : kind ? { operation: OPERATIONS[kind] } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      const { data } = await api.GET("/api/v1/audit", { params: { query }, signal });
      if (!data) throw new Error("an answer without entries");
      return data;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

const COLUMNS: Column<AuditLine>[] = [
  {
    key: "what",
    label: "Action",
    width: "minmax(15rem, 2.2fr)",
    isTitle: true,
    cell: (line) => <What line={line} />,
  },
  {
    key: "who",
    label: "Actor",
    width: "minmax(13rem, 1.3fr)",
    cell: (line) => <Who line={line} />,
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
    key: "version",
    label: "Version",
    width: "6rem",
    cell: (line) =>
      line.version === null ? (
        <Text size="sm" c="dimmed">
          –
        </Text>
      ) : (
        <Button
          size="compact-sm"
          variant="light"
          renderRoot={(props) => (
            <Link
              to="/history"
              search={(now) => ({ ...now, version: line.version ?? undefined })}
              {...props}
              aria-label={`View version ${line.version}`}
            />
          )}
        >
          {line.version}
        </Button>
      ),
  },
];

function What({ line }: { line: AuditLine }) {
  const isFailure = line.status >= 400;
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap="xs">
        <Text fw={550} title={line.operation}>
          {didWhat(line)}
        </Text>
        {isFailure && <Badge color="red">failed</Badge>}
      </Group>
      {line.version !== null ? (
        <Text size="sm" c="dimmed" fw={400} style={{ overflowWrap: "anywhere" }}>
          {noteOf(line)}
        </Text>
      ) : (
        line.subject && (
          <Text size="sm" fw={400} style={{ overflowWrap: "anywhere" }}>
            <Code>{line.subject}</Code>
          </Text>
        )
      )}
    </div>
  );
}

function Who({ line }: { line: AuditLine }) {
  const place = line.version === null && line.note ? `from ${line.note}` : "";
  const how = [line.role && ROLES[line.role].label, line.means && MEANS[line.means], place].filter(Boolean);
  return (
    <Group gap="sm" wrap="nowrap">
      <Initials name={line.actor} size="sm" />
      <div style={{ minWidth: 0 }}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {line.actor}
        </Text>
        <Text size="xs" c="dimmed">
          {how.join(", ")}
        </Text>
      </div>
    </Group>
  );
}
