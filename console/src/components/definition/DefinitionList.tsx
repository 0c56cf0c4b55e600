/** The list of all traits, or of all audiences: found by name, of users or of accounts. */

import { Group, SegmentedControl } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { TraitLine } from "~/api/schema";
import { Typed } from "~/components/Typed";
import { counted } from "~/format/format";
import { type Column, DataTable } from "../DataTable";
import { Empty } from "../states";

export interface Filter {
  q?: string | undefined;
  collection?: "users" | "accounts" | undefined;
}

interface Props<Line extends TraitLine> {
  noun: "trait" | "audience";
  lines: readonly Line[];
  columns: Column<Line>[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onOpen: (line: Line) => void;
}

export function DefinitionList<Line extends TraitLine>(props: Props<Line>) {
  const { noun, lines, columns, filter, onFilter, onOpen } = props;
  const wanted = (filter.q ?? "").toLowerCase();
  const shown = lines.filter(
    (line) =>
      `${line.key} ${line.name}`.toLowerCase().includes(wanted) &&
      (!filter.collection || line.collection === filter.collection),
  );
  return (
    <>
      <Group mb="md" gap="sm">
        <Typed
          aria-label="Search by name or key"
          placeholder="Search by name or key"
          leftSection={<IconSearch size={16} />}
          value={filter.q ?? ""}
          onTyped={(q) => onFilter({ ...filter, q: q || undefined })}
          flex="1 1 14rem"
          maw="24rem"
        />
        <SegmentedControl
          aria-label="Profiles"
          data={[
            { value: "", label: "All" },
            { value: "users", label: "People" },
            { value: "accounts", label: "Accounts" },
          ]}
          value={filter.collection ?? ""}
          onChange={(next) =>
            onFilter({ ...filter, collection: (next || undefined) as Filter["collection"] })
          }
        />
      </Group>
      {shown.length === 0 ? (
        <Empty icon={IconSearch} title={`No ${noun} found`}>
          {lines.length === 1 ? "The only one" : `None of ${counted(lines.length, noun)}`} matches these
          filters.
        </Empty>
      ) : (
        <DataTable
          label={noun === "trait" ? "Traits" : "Audiences"}
          columns={columns}
          rows={shown}
          rowKey={(line) => `${line.collection}.${line.key}`}
          rowHeight={64}
          onOpen={onOpen}
          footer={counted(shown.length, noun)}
        />
      )}
    </>
  );
}
