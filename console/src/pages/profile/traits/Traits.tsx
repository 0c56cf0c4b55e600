/** Every trait with where it comes from; those that were sent with what they have been. */

import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconHistory, IconSearch, IconVariable } from "@tabler/icons-react";
import { $api } from "~/api/client";
import type { TraitOrigin } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { EventLink } from "../EventLink";
import type { ProfileSearch } from "../routes";
import { TraitHistory } from "./TraitHistory";

interface Props {
  who: string;
  search: ProfileSearch;
  go: (next: Partial<ProfileSearch>) => void;
}

export function Traits({ who, search, go }: Props) {
  const query = $api.useQuery("get", "/api/v1/profiles/traits/{who}", { params: { path: { who } } });
  const find = search.find ?? "";
  return (
    <Loaded query={query}>
      {({ traits, not_kept }) => {
        const values = traits.filter((trait) => trait.kind !== "audience");
        const shown = values.filter((trait) => matches(trait, find));
        if (values.length === 0)
          return (
            <Empty icon={IconVariable} title="No traits yet">
              Traits come with identify and group calls, and are computed from events by the definitions on
              the page Traits.
            </Empty>
          );
        return (
          <Stack gap="sm">
            <TextInput
              label="Find a trait"
              placeholder="city"
              leftSection={<IconSearch size={16} />}
              value={find}
              onChange={(event) => go({ find: event.currentTarget.value || undefined })}
              maw={320}
            />
            <DataTable
              label="Traits"
              columns={columns((trait) => go({ trait }))}
              rows={shown}
              rowKey={(row) => row.key}
              rowHeight={60}
              footer={
                <Text size="sm">
                  {counted(shown.length, "trait")}
                  {not_kept > 0 && `; ${counted(not_kept, "value")} not kept, because there were enough`}
                </Text>
              }
            />
            {search.trait !== undefined && (
              <TraitHistory who={who} trait={search.trait} close={() => go({ trait: undefined })} />
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}

function matches(trait: TraitOrigin, find: string): boolean {
  const text = find.trim().toLowerCase();
  return trait.key.toLowerCase().includes(text) || shown(trait.value).toLowerCase().includes(text);
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function columns(onHistory: (trait: string) => void): Column<TraitOrigin>[] {
  return [
    {
      key: "key",
      label: "Trait",
      width: "minmax(9rem, 1fr)",
      isTitle: true,
      cell: (row) => (
        <Group gap="xs">
          <Text span fw={600}>
            {row.key}
          </Text>
          {row.kind !== "sent" && <Badge color="violet">computed</Badge>}
        </Group>
      ),
    },
    {
      key: "value",
      label: "Value",
      width: "minmax(9rem, 2fr)",
      cell: (row) => <Text lineClamp={3}>{shown(row.value)}</Text>,
    },
    {
      key: "origin",
      label: "Where it is from",
      width: "minmax(13rem, 2fr)",
      cell: (row) => <Origin trait={row} />,
    },
    { key: "since", label: "Since", width: "8.5rem", cell: (row) => <Time at={row.updated_at} /> },
    {
      key: "earlier",
      label: "Before",
      width: "7.5rem",
      cell: (row) =>
        row.kind === "sent" && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconHistory size={14} />}
            onClick={() => onHistory(row.key)}
            aria-label={`Earlier values of ${row.key}`}
          >
            Earlier
          </Button>
        ),
    },
  ];
}

function Origin({ trait }: { trait: TraitOrigin }) {
  if (trait.kind === "sent")
    return (
      <Text size="sm">
        {trait.message_id ? <EventLink messageId={trait.message_id}>an event</EventLink> : "an event"} of{" "}
        <b>{trait.source}</b>
      </Text>
    );
  return (
    <div>
      <Text
        size="sm"
        component="div"
        lineClamp={2}
        ff={trait.query ? "monospace" : undefined}
        title={trait.query}
      >
        {trait.query || "its definition is gone"}
      </Text>
      <Text size="xs" c="dimmed">
        {trait.reason === "event" ? (
          <>
            changed with <EventLink messageId={trait.message_id}>an event</EventLink>
          </>
        ) : (
          "changed without an event: a window closed, or it was computed anew"
        )}
      </Text>
    </div>
  );
}
