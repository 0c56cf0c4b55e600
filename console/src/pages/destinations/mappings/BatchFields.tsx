/** How many events may share a request of a mapping. */

import { NumberInput, Paper, SimpleGrid, Text, Title } from "@mantine/core";
import type { BatchBounds } from "~/api/schema";

interface Props {
  batch: BatchBounds;
  onChange: (batch: BatchBounds) => void;
  readOnly: boolean;
}

const FIELDS = [
  { name: "items_max", label: "Max events", isWhole: true },
  { name: "bytes_max", label: "Max bytes", isWhole: true },
  { name: "wait_s", label: "Max wait (seconds)", isWhole: false },
] as const;

export function BatchFields({ batch, onChange, readOnly }: Props) {
  return (
    <Paper p="lg">
      <Title order={2} size="h4">
        Batching
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        How many events may share one request. Leave empty for the defaults of the action.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        {FIELDS.map(({ name, label, isWhole }) => (
          <NumberInput
            key={name}
            label={label}
            placeholder="Default"
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
