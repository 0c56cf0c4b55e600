/** Who is in an audience: any number of people, with the traits one wants to see; and as a file. */

import { Button, Group, Menu, MultiSelect, Text } from "@mantine/core";
import { IconDownload, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { api } from "~/api/client";
import type {
  AudienceLine,
  Member,
  PageHeadwaterServeComputeMembersMember as MembersPage,
} from "~/api/schema";
import { useSuggestions } from "~/components/builder/suggestions";
import { type Column, DataTable } from "~/components/DataTable";
import { PersonLink } from "~/components/definition/PersonLink";
import { personName } from "~/components/definition/person";
import { LIVE_EVERY_MS } from "~/components/definition/Status";
import { Initials } from "~/components/Initials";
import { nextPage } from "~/components/nextPage";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { count, counted } from "~/format/format";
import { valueText } from "~/format/value";

const PAGE = 500;
const TRAITS_MAX = 8;

/** Of more pages than that not all are asked again and again: who reads so far down does not watch it fill. */
const WATCHED_PAGES = 2;

export function MembersTab({ line }: { line: AudienceLine }) {
  const { traits = NONE } = useSearch({ from: "/shell/audiences/$key" });
  const navigate = useNavigate({ from: "/audiences/$key" });
  const suggested = useSuggestions("trait", "").map((each) => each.text);
  const query = useInfiniteQuery({
    queryKey: ["members", line.collection, line.key, traits],
    queryFn: async ({ pageParam, signal }): Promise<MembersPage> => {
      const { data } = await api.GET("/api/v1/audiences/{key}/members", {
        params: {
          path: { key: line.key },
          query: {
            collection: line.collection,
            limit: PAGE,
            cursor: pageParam,
            traits: traits.length > 0 ? traits.join(",") : undefined,
          },
        },
        signal,
      });
      return data as MembersPage;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 0) <= WATCHED_PAGES ? LIVE_EVERY_MS : false,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const columns = useMemo(() => [...COLUMNS, ...traits.map(traitColumn)], [traits]);
  return (
    <>
      <Group justify="space-between" align="flex-end" mb="md">
        <MultiSelect
          label="Columns"
          placeholder={traits.length === 0 ? "Add up to eight traits" : undefined}
          data={[...new Set([...suggested, ...traits])]}
          value={traits}
          onChange={(next) =>
            void navigate({
              search: (before) => ({ ...before, traits: next.length > 0 ? next : undefined }),
              replace: true,
            })
          }
          searchable
          clearable
          maxValues={TRAITS_MAX}
          flex="1 1 16rem"
          maw="34rem"
        />
        <Export line={line} traits={traits} />
      </Group>
      <Loaded query={query}>
        {() =>
          rows.length === 0 ? (
            <Empty icon={IconUsers} title="No members yet">
              {line.status === "computing"
                ? "The audience is still being computed. Members appear here as they are found."
                : "Nobody matches right now. New members appear here within a second."}
            </Empty>
          ) : (
            <DataTable
              label={`Members of ${line.name || line.key}`}
              columns={columns}
              rows={rows}
              rowKey={(member) => member.segment_id}
              rowHeight={58}
              onOpen={(member) => void navigate({ to: "/profiles/$who", params: { who: member.segment_id } })}
              onEnd={nextPage(query)}
              isFetching={query.isFetchingNextPage}
              height="max(20rem, calc(100vh - 24rem))"
              footer={
                query.hasNextPage
                  ? `${count(rows.length)} of ${count(line.size)} members loaded`
                  : counted(rows.length, "member")
              }
            />
          )
        }
      </Loaded>
    </>
  );
}

const NONE: string[] = [];

const COLUMNS: Column<Member>[] = [
  {
    key: "who",
    label: "Member",
    width: "minmax(14rem, 2fr)",
    isTitle: true,
    cell: (member) => (
      <Group gap="sm" wrap="nowrap">
        <Initials name={personName(member)} size={30} />
        <PersonLink person={member} />
      </Group>
    ),
  },
  {
    key: "entered",
    label: "Member since",
    width: "10rem",
    cell: (member) => (
      <Text size="sm">
        <Time at={member.entered_at} />
      </Text>
    ),
  },
];

function traitColumn(key: string): Column<Member> {
  return {
    key: `trait ${key}`,
    label: key,
    width: "minmax(8rem, 1fr)",
    cell: (member) => {
      const value = member.traits[key];
      if (value === undefined || value === null)
        return (
          <Text size="sm" c="dimmed" aria-label="no value">
            –
          </Text>
        );
      return (
        <Text size="sm" lineClamp={2}>
          {valueText(value)}
        </Text>
      );
    },
  };
}

const FORMATS = [
  { format: "csv", label: "CSV", about: "For spreadsheets" },
  { format: "parquet", label: "Parquet", about: "For warehouses, with types" },
  { format: "ndjson", label: "NDJSON", about: "One JSON object per line" },
] as const;

function Export({ line, traits }: { line: AudienceLine; traits: readonly string[] }) {
  const search = new URLSearchParams({ collection: line.collection });
  if (traits.length > 0) search.set("traits", traits.join(","));
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export {count(line.size)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          All members, {traits.length > 0 ? "with the columns shown" : "with their ids"}
        </Menu.Label>
        {FORMATS.map(({ format, label, about }) => (
          <Menu.Item
            key={format}
            component="a"
            href={`/api/v1/audiences/${encodeURIComponent(line.key)}/export?${new URLSearchParams([...search, ["format", format]])}`}
            download={`${line.key}.${format}`}
          >
            {label}
            <Text size="xs" c="dimmed">
              {about}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
