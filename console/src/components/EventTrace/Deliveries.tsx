/** Where an event went, and what became of it there. */

import { Anchor, Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { DeliveryLine } from "~/api/schema";
import { counted, duration } from "~/format/format";
import { ReceiptDrawer } from "../receipts/ReceiptDrawer";
import { Time } from "../Time";
import { DELIVERY_COLORS, deliverySentence } from "./words";

export function Deliveries({ lines }: { lines: readonly DeliveryLine[] }) {
  const [receipt, setReceipt] = useState<string | null>(null);
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No destination takes events of this source.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      {lines.map((line) => (
        <Paper key={line.destination} p="sm">
          <Group justify="space-between" gap="xs" align="flex-start">
            <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
              <Group gap="xs">
                <Anchor
                  size="sm"
                  fw={600}
                  renderRoot={(props) => (
                    <Link to="/destinations/$name" params={{ name: line.destination }} {...props} />
                  )}
                >
                  {line.destination}
                </Anchor>
                <Badge color={DELIVERY_COLORS[line.status] ?? "gray"}>{line.status.replace("_", " ")}</Badge>
                {line.reason && <Badge color="gray">{line.reason}</Badge>}
              </Group>
              <Text size="sm" mt={2} style={{ overflowWrap: "anywhere" }}>
                {deliverySentence(line)}
              </Text>
              {line.attempts > 0 && (
                <Text size="xs" c="dimmed" component="div">
                  {counted(line.attempts, "attempt")}, the last took {duration(line.latency_ms)}
                  {line.at_ms > 0 && (
                    <>
                      , {line.status === "retrying" ? "the next is due" : ""} <Time at={line.at_ms} />
                    </>
                  )}
                </Text>
              )}
            </div>
            <Group gap="xs">
              {line.dead_letter && (
                <Button
                  size="xs"
                  variant="default"
                  renderRoot={(props) => (
                    <Link to="/dead-letters" search={{ letter: line.dead_letter }} {...props} />
                  )}
                >
                  Dead letter
                </Button>
              )}
              {line.receipt && (
                <Button size="xs" variant="default" onClick={() => setReceipt(line.receipt)}>
                  Request and answer
                </Button>
              )}
            </Group>
          </Group>
        </Paper>
      ))}
      <ReceiptDrawer id={receipt} onClose={() => setReceipt(null)} onOpen={setReceipt} />
    </Stack>
  );
}
