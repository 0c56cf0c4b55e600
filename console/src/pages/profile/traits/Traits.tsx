/** Every trait with where it comes from; those that were sent with what they were before. */

import { Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconHistory, IconSearch, IconVariable } from "@tabler/icons-react";
import { $api } from "~/api/client";
import type { TraitOrigin } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Empty, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { valueText } from "~/format/value";
import type { ProfileSearch } from "../routes";
import { Origin } from "./Origin";
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
        const found = values.filter((trait) => matches(trait, find));
        if (values.length === 0)
          return (
            <Empty icon={IconVariable} title="No traits yet">
              Traits are sent with identify and group calls, or computed from events. Computed traits are set
              up on the Traits page.
            </Empty>
          );
        return (
          <Stack gap="sm">
            <TextInput
              aria-label="Search traits"
              placeholder="Search traits"
              leftSection={<IconSearch size={16} />}
              value={find}
              onChange={(event) => go({ find: event.currentTarget.value || undefined })}
              maw={320}
            />
            <DataTable
              label="Traits"
              columns={columns((trait) => go({ trait }))}
              rows={found}
              rowKey={(row) => row.key}
              rowHeight={60}
              footer={
                <Text size="sm">
                  {counted(found.length, "trait")}
                  {not_kept > 0 && `; ${counted(not_kept, "value")} dropped, because the limit was reached`}
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
  return trait.key.toLowerCase().includes(text) || valueText(trait.value).toLowerCase().includes(text);
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
          {row.kind !== "sent" && <Badge color="violet">Computed</Badge>}
        </Group>
      ),
    },
    {
      key: "value",
      label: "Value",
      width: "minmax(9rem, 2fr)",
      cell: (row) => <Text lineClamp={3}>{valueText(row.value)}</Text>,
    },
    {
      key: "origin",
      label: "Source",
      width: "minmax(13rem, 2fr)",
      cell: (row) => <Origin trait={row} />,
    },
    { key: "since", label: "Updated", width: "9rem", cell: (row) => <Time at={row.updated_at} /> },
    {
      key: "history",
      label: "",
      width: "7.5rem",
      cell: (row) =>
        row.kind === "sent" && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconHistory size={14} />}
            onClick={() => onHistory(row.key)}
            aria-label={`History of ${row.key}`}
          >
            History
          </Button>
        ),
    },
  ];
}
