/** Whose events are refused. */

import { Badge, Button, Code, Stack, Text } from "@mantine/core";
import { IconSearch, IconUserCheck } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type {
  PageHeadwaterServeUnifyRegulationsSuppressionLine as Page,
  SuppressionLine,
} from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { nextPage } from "~/components/nextPage";
import { askForRegulation } from "~/components/Regulation";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { Typed } from "~/components/Typed";
import { counted } from "~/format/format";

export function Suppressions({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["suppressions", q],
    queryFn: ({ pageParam }) => page(q, pageParam),
    initialPageParam: "",
    getNextPageParam: (found) => found.next ?? null,
  });
  const rows = query.data?.pages.flatMap((found) => found.data) ?? [];
  const lift = (userId: string) =>
    askForRegulation({
      type: "UNSUPPRESS",
      userIds: [userId],
      onMade: () => void queries.invalidateQueries(),
    });
  return (
    <Stack>
      <Typed
        label="Find a user"
        description="Enter a user id or its beginning. Deleted users can only be found by their full id."
        leftSection={<IconSearch size={16} />}
        type="search"
        value={q}
        onTyped={onSearch}
        maw={480}
      />
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (rows.length === 0 ? (
          <Empty icon={IconUserCheck} title={q ? "Not suppressed" : "No suppressed users"}>
            {q ? "Events of this user are collected." : "Events of all users are collected."}
          </Empty>
        ) : (
          <DataTable
            label="Suppressed users"
            columns={columns(lift)}
            rows={rows}
            rowKey={(row) => row.fingerprint}
            onEnd={nextPage(query)}
            isFetching={query.isFetchingNextPage}
            footer={`${counted(rows.length, "user")}${query.hasNextPage ? " loaded" : ""}`}
          />
        ))}
    </Stack>
  );
}

async function page(q: string, cursor: string): Promise<Page> {
  const params = { query: { limit: 200, ...(cursor && { cursor }) } };
  const answer = q
    ? await api.POST("/api/v1/suppressions/search", {
        params,
        body: { subjectId: q, subjectType: "USER_ID" },
      })
    : await api.GET("/api/v1/suppressions", { params });
  return answer.data as Page;
}

function columns(lift: (userId: string) => void): Column<SuppressionLine>[] {
  return [
    {
      key: "user",
      label: "User",
      width: "minmax(12rem, 2fr)",
      isTitle: true,
      cell: ({ subjectIds: [userId] }) =>
        userId ?? (
          <Text span c="dimmed">
            Id not kept <Badge color="gray">Deleted</Badge>
          </Text>
        ),
    },
    {
      key: "fingerprint",
      label: "Fingerprint",
      width: "minmax(12rem, 2fr)",
      cell: (row) => <Code>{row.fingerprint.slice(0, 16)}…</Code>,
    },
    { key: "since", label: "Since", width: "10rem", cell: (row) => <Time at={row.since} /> },
    {
      key: "lift",
      label: "",
      width: "11rem",
      align: "right",
      cell: ({ subjectIds: [userId] }) =>
        userId !== undefined && (
          <May role="editor">
            <Button size="xs" variant="default" onClick={() => lift(userId)}>
              Unsuppress…
            </Button>
          </May>
        ),
    },
  ];
}
