/** What a statement found, as a table of any length; one row whole in a dialog. */

import { Button, Group, Modal, ScrollArea, Table, Text } from "@mantine/core";
import { IconDownload, IconTableOff } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type Column, DataTable } from "~/components/DataTable";
import { Json } from "~/components/Json";
import { Empty } from "~/components/states";
import { count, counted, duration } from "~/format/format";
import { csvOf, download, plain } from "./csv";
import type { Found, SqlColumn } from "./statement";

interface Row {
  index: number;
  values: unknown[];
}

export function Results({ found }: { found: Found }) {
  const [opened, setOpened] = useState<Row | null>(null);
  const rows = useMemo(() => found.rows.map((values, index) => ({ index, values })), [found]);
  const columns = useMemo(() => found.columns.map(columnOf), [found]);
  const said = `${count(rows.length)}${found.truncated ? " rows shown. There are more: narrow the query or use `headwater sql`" : rows.length === 1 ? " row" : " rows"}`;
  return (
    <section aria-labelledby="found">
      <Group justify="space-between" mb="xs">
        <Text id="found" fw={600} role="status">
          {said} · {counted(found.columns.length, "column")} · {duration(found.tookMs)}
        </Text>
        {rows.length > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => download("headwater.csv", csvOf(found.columns, found.rows))}
          >
            Download CSV
          </Button>
        )}
      </Group>
      {rows.length === 0 ? (
        <Empty icon={IconTableOff} title="No rows">
          The query ran, but nothing matches. New events can be queried a few seconds after they arrive.
        </Empty>
      ) : (
        <DataTable
          label="Rows"
          columns={columns}
          rows={rows}
          rowKey={(row) => String(row.index)}
          onOpen={setOpened}
          rowHeight={37}
          height="60vh"
        />
      )}
      <Modal
        opened={opened !== null}
        onClose={() => setOpened(null)}
        size="xl"
        title={`Row ${count((opened?.index ?? 0) + 1)}`}
      >
        {opened && <WholeRow columns={found.columns} row={opened} />}
      </Modal>
    </section>
  );
}

function WholeRow({ columns, row }: { columns: readonly SqlColumn[]; row: Row }) {
  return (
    <ScrollArea.Autosize mah="70vh">
      <Table highlightOnHover={false} layout="fixed">
        <Table.Tbody>
          {columns.map((column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a statement may have the same name
            <Table.Tr key={index}>
              <Table.Th
                scope="row"
                w="10rem"
                fw={500}
                style={{ verticalAlign: "top", overflowWrap: "anywhere" }}
              >
                {column.name}
                <Text size="xs" c="dimmed">
                  {column.type.toLowerCase()}
                </Text>
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Value value={row.values[index]} label={column.name} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}

function Value({ value, label }: { value: unknown; label: string }) {
  if (value === null) return <Null />;
  const parsed = typeof value === "string" && /^[[{]/.test(value) ? parsedOf(value) : value;
  return typeof parsed === "object" ? <Json value={parsed} label={label} /> : String(value);
}

function Null() {
  return (
    <Text span size="sm" c="dimmed" fs="italic">
      null
    </Text>
  );
}

const NUMERIC = /INT|DECIMAL|DOUBLE|FLOAT|NUMERIC/;

function columnOf({ name, type }: SqlColumn, index: number): Column<Row> {
  const isNumber = NUMERIC.test(type) && !type.endsWith("[]");
  return {
    key: `${index} ${name}`,
    label: name,
    width: widthOf(type, isNumber),
    align: isNumber ? "right" : undefined,
    isTitle: index === 0,
    cell: ({ values }) =>
      values[index] === null ? (
        <Null />
      ) : (
        <Text size="sm" lineClamp={1} inherit={index === 0}>
          {typeof values[index] === "number"
            ? String(values[index])
            : plain(values[index]).slice(0, SHOWN_CHARACTERS)}
        </Text>
      ),
  };
}

function widthOf(type: string, isNumber: boolean): string {
  if (isNumber) return "minmax(7rem, 1fr)";
  if (/JSON|STRUCT|MAP|\[\]/.test(type)) return "minmax(20rem, 3fr)";
  // An instant says nothing when its end is cut off.
  return type.startsWith("TIMESTAMP") ? "14.5rem" : "minmax(8rem, 1fr)";
}

/** Of a cell; the whole value is a click away. */
const SHOWN_CHARACTERS = 200;

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
