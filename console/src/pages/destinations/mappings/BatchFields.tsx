/** How many events may share a request of a mapping. */

import { NumberInput, Paper, SimpleGrid, Text, Title } from "@mantine/core";
import type { BatchBounds } from "~/api/schema";

interface Props {
  batch: BatchBounds;
  onChange: (batch: BatchBounds) => void;
  readOnly: boolean;
}

const FIELDS = [
  { name: "items_max", label: "Events at most", isWhole: true },
  { name: "bytes_max", label: "Bytes at most", isWhole: true },
  { name: "wait_s", label: "Wait (seconds)", isWhole: false },
] as const;

export function BatchFields({ batch, onChange, readOnly }: Props) {
  return (
    <Paper p="lg">
      <Title order={2} size="h4">
        Batches
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Events that may share a request. Empty: as the action says.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        {FIELDS.map(({ name, label, isWhole }) => (
          <NumberInput
            key={name}
            label={label}
            placeholder="default"
            min={0}
            allowDecimal={!isWhole}
            thousandSeparator=","
            value={batch[name] ?? ""}
            onChange={(written) =>
              onChange({ ...batch, [name]: typeof written === "number" ? written : null })
            }
            readOnly={readOnly}
          />
        ))}
      </SimpleGrid>
    </Paper>
  );
}
