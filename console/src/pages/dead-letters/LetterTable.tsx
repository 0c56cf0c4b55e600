/** The letters that the filter finds, newest first, as many as there are; any of them can be selected. */

import { Checkbox, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { DeadLetterLine } from "~/api/schema";
import { type Column, DataTable } from "~/components/DataTable";
import { Time } from "~/components/Time";
import { STAGE_LABELS, titleOf } from "./letters";

interface Props {
  letters: DeadLetterLine[];
  selected: ReadonlySet<string>;
  onSelect: (id: string, isSelected: boolean) => void;
  onOpen: (letter: DeadLetterLine) => void;
  onEnd: () => void;
  isFetching: boolean;
  footer: string;
}

export function LetterTable({ letters, selected, onSelect, onOpen, onEnd, isFetching, footer }: Props) {
  const columns = useMemo<Column<DeadLetterLine>[]>(
    () => [
      {
        key: "selected",
        label: "",
        width: "3rem",
        cell: (letter) => (
          <Checkbox
            aria-label={`Select ${letter.id}`}
            checked={selected.has(letter.id)}
            onChange={(event) => onSelect(letter.id, event.currentTarget.checked)}
          />
        ),
      },
      {
        key: "event",
        label: "Event",
        width: "1.2fr",
        isTitle: true,
        cell: (letter) => (
          <Text size="sm" fw={500} inherit>
            {titleOf(letter)}
          </Text>
        ),
      },
      {
        key: "reason",
        label: "Reason",
        width: "2.4fr",
        cell: (letter) => (
          <Stack gap={0} align="flex-start">
            <Text size="sm" lineClamp={1}>
              {letter.detail || letter.reason}
            </Text>
            {letter.detail && (
              <Text size="xs" c="dimmed" ff="monospace">
                {letter.reason}
              </Text>
            )}
          </Stack>
        ),
      },
      {
        key: "stage",
        label: "Stage",
        width: "7.5rem",
        cell: (letter) => STAGE_LABELS[letter.stage] ?? letter.stage,
      },
      {
        key: "where",
        label: "Source → destination",
        width: "1.2fr",
        cell: (letter) => (
          <Text size="sm">
            {letter.source || "–"}
            {letter.destination && ` → ${letter.destination}`}
          </Text>
        ),
      },
      {
        key: "received",
        label: "Received",
        width: "9rem",
        cell: (letter) => <Time at={letter.received_at} />,
      },
    ],
    [selected, onSelect],
  );
  return (
    <DataTable
      label="Dead letters"
      columns={columns}
      rows={letters}
      rowKey={(letter) => letter.id}
      onOpen={onOpen}
      onEnd={onEnd}
      isFetching={isFetching}
      rowHeight={56}
      footer={footer}
    />
  );
}
