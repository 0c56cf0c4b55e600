/** What was asked for, newest first, and where it stands. */

import { Button, Drawer, Progress, Stack, Text } from "@mantine/core";
import { IconShieldLock } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { $api, api } from "~/api/client";
import type { PageHeadwaterServeUnifyRegulationsRegulationLine as Page, RegulationLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { nextPage } from "~/components/nextPage";
import { RegulationBadge, Standing, titleOf } from "~/components/Regulation";
import { Empty, Failed, Loaded, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import type { PrivacySearch } from "./routes";

/** While a request is under way. */
const EVERY_MS = 2_000;

const COLUMNS: Column<RegulationLine>[] = [
  {
    key: "request",
    label: "Request",
    width: "minmax(13rem, 1fr)",
    isTitle: true,
    cell: (row) => (
      <div>
        <Text fw={600}>{titleOf(row)}</Text>
        <Text size="xs" c="dimmed">
          by {row.author}
        </Text>
      </div>
    ),
  },
  {
    key: "status",
    label: "Status",
    width: "9rem",
    cell: (row) => (
      <div style={{ width: "100%" }}>
        <RegulationBadge regulation={row} />
        {row.finishedAt == null && (
          <Progress value={100 * row.progress} size="xs" mt={4} aria-label="Progress" />
        )}
      </div>
    ),
  },
  {
    key: "summary",
    label: "Details",
    width: "minmax(14rem, 2fr)",
    cell: (row) => (
      <Text size="sm" lineClamp={3}>
        {row.summary}
      </Text>
    ),
  },
  { key: "at", label: "Requested", width: "9rem", cell: (row) => <Time at={row.createdAt} /> },
];

interface Props {
  search: PrivacySearch;
  go: (next: Partial<PrivacySearch>) => void;
  onNew: () => void;
}

export function Requests({ search, go, onNew }: Props) {
  const query = useInfiniteQuery({
    queryKey: ["regulations"],
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const params = { query: { limit: 100, ...(pageParam && { cursor: pageParam }) } };
      const { data } = await api.GET("/api/v1/regulations", { params, signal });
      return data as Page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: ({ state }) => (isUnderWay(state.data?.pages[0]) ? EVERY_MS : false),
  });
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      {query.isPending && <Loading />}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data &&
        (rows.length === 0 ? (
          <Empty
            icon={IconShieldLock}
            title="No privacy requests"
            action={
              <May role="editor">
                <Button onClick={onNew}>New request</Button>
              </May>
            }
          >
            When someone asks to be forgotten, suppress and delete their user id here. Every system reports
            what it has done, in an audit log that cannot be changed.
          </Empty>
        ) : (
          <DataTable
            label="Privacy requests"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => row.id}
            onOpen={(row) => go({ request: row.id })}
            onEnd={nextPage(query)}
            isFetching={query.isFetchingNextPage}
            rowHeight={66}
            footer={`${counted(rows.length, "request")}${query.hasNextPage ? " loaded" : ""}`}
          />
        ))}
      <Drawer
        opened={search.request !== undefined}
        onClose={() => go({ request: undefined })}
        title={<Text fw={650}>Privacy request</Text>}
        closeButtonProps={{ "aria-label": "Close" }}
        size="lg"
      >
        {search.request !== undefined && <Request id={search.request} />}
      </Drawer>
    </>
  );
}

/** Whether the newest ones are worth another look: the logs may take days. */
function isUnderWay(page: Page | undefined): boolean {
  return (page?.data ?? []).some((row) =>
    row.systems.some((each) => each.system !== "logs" && !isFinal(each.status)),
  );
}

function isFinal(status: string): boolean {
  return ["verified", "failed", "not_supported"].includes(status);
}

function Request({ id }: { id: string }) {
  const query = $api.useQuery(
    "get",
    "/api/v1/regulations/{regulation}",
    { params: { path: { regulation: id } } },
    { refetchInterval: ({ state }) => (state.data?.finishedAt == null ? EVERY_MS : false) },
  );
  return (
    <Loaded query={query}>
      {(regulation) => (
        <Stack>
          <div>
            <Text fw={600} component="h2" fz="lg" m={0}>
              {titleOf(regulation)}
            </Text>
            <RegulationBadge regulation={regulation} />
          </div>
          <Standing regulation={regulation} />
          <div>
            <Button
              variant="default"
              size="xs"
              renderRoot={(props) => (
                <Link to="/privacy" search={{ tab: "audit", of: regulation.id }} {...props} />
              )}
            >
              All receipts
            </Button>
          </div>
        </Stack>
      )}
    </Loaded>
  );
}
