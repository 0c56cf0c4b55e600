/** What is known of a message, and what it is called. */

import { $api, ApiError } from "~/api/client";
import type { Journey } from "~/api/schema";

/** What has just been accepted may not be where one looks for it yet. */
const TRIES = 3;

export function useTrace(messageId: string) {
  return $api.useQuery(
    "get",
    "/api/v1/events/{message_id}/trace",
    { params: { path: { message_id: messageId } } },
    {
      retry: (failures, error: unknown) =>
        failures < TRIES && error instanceof ApiError && error.status === 404,
      retryDelay: 1_000,
    },
  );
}

/** The members of an event that name it, as far as they are texts. */
export function envelopeOf(journey: Journey): Record<"type" | "event" | "name" | "sentAt", string> {
  const found = { ...asObject(journey.received), ...asObject(journey.accepted) };
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    type: text(found.type),
    event: text(found.event),
    name: text(found.name),
    sentAt: text(found.sentAt),
  };
}

/** "Order Completed"; of a call without a name "Identify". Empty when the event is not there any more. */
export function titleOf(journey: Journey | undefined): string {
  if (!journey) return "";
  const { type, event, name } = envelopeOf(journey);
  return event || name || type.charAt(0).toUpperCase() + type.slice(1);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
