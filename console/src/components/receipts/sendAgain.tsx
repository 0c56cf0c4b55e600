/** An event sent to a destination once more: a dead letter is tried again, anything else comes out of the lake. */

import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ApiError, api } from "~/api/client";
import type { DeliveryReceipt } from "~/api/schema";
import { confirm } from "../confirm";
import { begin } from "../replays/ask";

export function sendAgain(receipt: DeliveryReceipt): void {
  const name = receipt.event ?? receipt.type;
  confirm({
    title: `Send ${name} to ${receipt.destination} again?`,
    children: (
      <Text size="sm">
        Only {receipt.destination} receives it, using its current filters and mappings. The message ID stays
        the same.
      </Text>
    ),
    consequences: async () => {
      const letter = await letterOf(receipt);
      if (letter) return ["1 dead letter is retried."];
      return [
        "1 stored event is sent, marked with context.replay.",
        ...(receipt.status === "delivered"
          ? [
              `${receipt.destination} already received it. Unless it deduplicates by message ID, it will have it twice.`,
            ]
          : []),
      ];
    },
    confirm: "Send again",
    destructive: false,
    act: async () => {
      const letter = await letterOf(receipt);
      if (letter) {
        await api.POST("/api/v1/dead-letters/{dead_letter_id}/replay", {
          params: { path: { dead_letter_id: letter } },
        });
      } else {
        await replay(receipt);
      }
      notifications.show({
        title: "Sending",
        message: `${name} is on its way to ${receipt.destination}. A new receipt will show the result.`,
      });
    },
  });
}

async function letterOf(receipt: DeliveryReceipt): Promise<string | undefined> {
  const { data } = await api.GET("/api/v1/dead-letters", {
    params: {
      query: {
        stage: "delivery",
        destination: receipt.destination,
        message_id: receipt.message_id,
        limit: 1,
      },
    },
  });
  return data?.data[0]?.id;
}

/** A replay that is about this one message: looked for in the second in which it was received. */
async function replay(receipt: DeliveryReceipt): Promise<void> {
  const { data } = await api.GET("/api/v1/events/{message_id}/trace", {
    params: { path: { message_id: receipt.message_id } },
  });
  const at = data?.journeys.find((each) => each.source === receipt.source)?.received_at;
  if (!at)
    throw new ApiError(
      404,
      "not_found",
      "The event is no longer stored, so it cannot be sent again.",
      undefined,
      [],
    );
  const instant = Date.parse(at);
  await begin({
    to: receipt.destination,
    sources: [receipt.source],
    types: [receipt.type],
    where: `messageId = ${JSON.stringify(receipt.message_id)}`,
    since: new Date(instant - 1_000).toISOString(),
    until: new Date(instant + 1_000).toISOString(),
  });
}
