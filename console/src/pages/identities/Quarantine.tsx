/** External ids that came with too many different people. */

import { Anchor, Badge, Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "~/api/client";
import { carriedOut } from "~/api/decisions";
import type {
  PageHeadwaterServeUnifyIdentitiesQuarantined as Page,
  Quarantined,
  Released,
} from "~/api/schema";
import { confirm } from "~/components/confirm";
import { type Column, DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { nextPage } from "~/components/nextPage";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";

export function Quarantine() {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["quarantine"],
    queryFn: async ({ pageParam }): Promise<Page> => {
      const params = { query: { limit: 100, ...(pageParam && { cursor: pageParam }) } };
      const { data } = await api.GET("/api/v1/identities/quarantine", { params });
      return data as Page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? null,
  });
  const rows = query.data?.pages.flatMap((page) => page.data) ?? [];
  if (query.isPending) return <Loading />;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (rows.length === 0 && !query.hasNextPage)
    return (
      <Empty icon={IconShieldCheck} title="Quarantine is empty">
        Shared devices and placeholder addresses show up with many people. An id that was rejected at ten
        different profiles is quarantined here and no longer merges profiles.
      </Empty>
    );
  return (
    <DataTable
      label="Quarantined external ids"
      columns={columns((id) => release(id, () => void queries.invalidateQueries()))}
      rows={rows}
      rowKey={(row) => `${row.collection} ${row.type}:${row.value}`}
      onEnd={nextPage(query)}
      isFetching={query.isFetchingNextPage}
      rowHeight={84}
      footer={`${counted(rows.length, "id")}${query.hasNextPage ? " loaded" : ""}`}
    />
  );
}

function columns(onRelease: (id: Quarantined) => void): Column<Quarantined>[] {
  return [
    {
      key: "id",
      label: "External id",
      width: "minmax(12rem, 1.5fr)",
      isTitle: true,
      cell: (row) => (
        <div>
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {row.value}
          </Text>
          <Badge color="gray">{row.type}</Badge>{" "}
          {row.collection === "accounts" && <Badge color="grape">account</Badge>}
        </div>
      ),
    },
    {
      key: "why",
      label: "Reason",
      width: "minmax(14rem, 2fr)",
      cell: (row) => (
        <div>
          <Text size="sm">{row.reason}</Text>
          <Text size="xs" c="dimmed">
            {row.owner ? (
              <>
                Belongs to <ProfileLink segmentId={row.owner} />
              </>
            ) : (
              "Belongs to no profile"
            )}
            {row.refused_at[0] && (
              <>
                ; rejected at <ProfileLink segmentId={row.refused_at[0]} />
                {row.refused_at.length > 1 && ` and ${counted(row.refused_at.length - 1, "other")}`}
              </>
            )}
          </Text>
        </div>
      ),
    },
    { key: "since", label: "Since", width: "9rem", cell: (row) => <Time at={row.since} /> },
    {
      key: "release",
      label: "",
      width: "8rem",
      align: "right",
      cell: (row) => (
        <May role="editor">
          <Button size="xs" variant="default" onClick={() => onRelease(row)}>
            Release…
          </Button>
        </May>
      ),
    },
  ];
}

function ProfileLink({ segmentId }: { segmentId: string }) {
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(props) => (
        <Link to="/profiles/$who" params={{ who: segmentId }} search={{ tab: "identity" }} {...props} />
      )}
    >
      {segmentId.slice(0, 12)}…
    </Anchor>
  );
}

function release({ type, value, collection, refused_at }: Quarantined, done: () => void): void {
  confirm({
    title: `Release ${type} ${value}`,
    children: "Events with this id can merge profiles again, within the identity rules.",
    consequences: async () => [
      `Its ${counted(refused_at.length, "conflict")} ${refused_at.length === 1 ? "is" : "are"} cleared. After ten new ones it is quarantined again.`,
      "This applies to future events. Existing profiles do not change.",
      "If the value belongs to nobody, such as a shared device, block it in Settings instead.",
    ],
    confirm: "Release",
    destructive: false,
    act: async () => {
      const { data } = await api.POST("/api/v1/identities/release", { body: { type, value, collection } });
      const status = await carriedOut((data as Released).offset);
      notifications.show({
        color: status === "done" ? "green" : "blue",
        title: status === "done" ? "Released" : "Scheduled",
        message:
          status === "done"
            ? `${type} ${value} is out of quarantine.`
            : "The pipeline is busy. The id is released shortly.",
      });
      done();
    },
  });
}
