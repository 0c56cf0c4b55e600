/** One event in a line. */

import { IconCheck, IconClockHour4, IconCopy, IconX } from "@tabler/icons-react";
import { memo } from "react";
import type { LiveEvent } from "~/api/schema";
import { outcomeLabel } from "~/components/EventTrace/outcomes";
import { bytes, clock } from "~/format/format";
import classes from "./Debugger.module.css";

interface Props {
  event: LiveEvent;
  top: number;
  isSelected: boolean;
  onOpen: (event: LiveEvent) => void;
}

export const EventRow = memo(function EventRow({ event, top, isSelected, onOpen }: Props) {
  const isAccepted = event.outcome === "accepted";
  const name = event.event ?? event.type ?? "Unreadable event";
  return (
    // The list has the focus and the keys; rows are only pointed at.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see the list
    // biome-ignore lint/a11y/useFocusableInteractive: the list says which one is active
    <div
      className={classes.row}
      role="option"
      aria-selected={isSelected}
      id={rowId(event.place)}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(event)}
    >
      <span className={classes.time}>{clock(event.received_at)}</span>
      <span className={classes.sign}>
        <Sign outcome={event.outcome} />
      </span>
      <span className={classes.call}>{event.type ?? "–"}</span>
      <span className={classes.name}>
        {name}
        {!isAccepted && (
          <span className={classes.why} data-outcome={event.outcome}>
            {" "}
            {outcomeLabel(event.outcome)}
          </span>
        )}
      </span>
      <span className={classes.source}>{event.source}</span>
      <span className={classes.who}>{event.user_id ?? event.anonymous_id ?? "–"}</span>
      <span className={classes.size}>{bytes(event.bytes)}</span>
    </div>
  );
});

export function rowId(place: string): string {
  return `event-${place.replace(".", "-")}`;
}

function Sign({ outcome }: { outcome: string }) {
  if (outcome === "accepted")
    return <IconCheck size={16} color="var(--mantine-color-green-6)" aria-label="Accepted" />;
  if (outcome === "waiting")
    return <IconClockHour4 size={16} color="var(--mantine-color-blue-5)" aria-label="Processing" />;
  if (outcome === "duplicate")
    return <IconCopy size={16} color="var(--mantine-color-gray-6)" aria-label="Duplicate" />;
  return <IconX size={16} color="var(--mantine-color-red-6)" aria-label="Rejected" />;
}
