/** The list that streams: only the rows in view are in the document. */

import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { LiveEvent } from "~/api/schema";
import { count } from "~/format/format";
import classes from "./Debugger.module.css";
import { EventRow, rowId } from "./EventRow";

const ROW_PX = 36;
const NARROW_ROW_PX = 56;

interface Props {
  events: readonly LiveEvent[];
  /** How many wait to be shown. */
  heldCount: number;
  /** The event that the keys are at. */
  active: string | undefined;
  onActive: (event: LiveEvent) => void;
  onOpen: (event: LiveEvent) => void;
  /** Whether the newest ones are in view; if not, new ones would push away what one reads. */
  onAtTop: (atTop: boolean) => void;
  /** Show what waits. */
  onRelease: () => void;
}

export function EventStream(props: Props) {
  const { events, heldCount, active, onActive, onOpen, onAtTop, onRelease } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useMediaQuery("(max-width: 40em)") ?? false;
  const [atTop, setAtTop] = useState(true);
  const height = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 6,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when they change their height
  useEffect(() => virtual.measure(), [height]);

  const at = events.findIndex((event) => event.place === active);

  function go(index: number) {
    const event = events[Math.max(0, Math.min(events.length - 1, index))];
    if (!event) return;
    onActive(event);
    virtual.scrollToIndex(events.indexOf(event), { align: "auto" });
  }

  const keys = new Map([
    ["ArrowDown", () => go(at + 1)],
    ["ArrowUp", () => go(at - 1)],
    ["Home", () => go(0)],
    ["End", () => go(events.length - 1)],
    ["PageDown", () => go(at + 10)],
    ["PageUp", () => go(at - 10)],
  ]);

  function press(event: KeyboardEvent) {
    const act = keys.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  return (
    <div style={{ position: "relative" }}>
      {heldCount > 0 && (
        <Button
          className={classes.new}
          size="xs"
          radius="xl"
          leftSection={<IconArrowUp size={14} />}
          onClick={() => {
            scroller.current?.scrollTo({ top: 0 });
            onRelease();
          }}
        >
          {count(heldCount)} new
        </Button>
      )}
      <div className={classes.head} aria-hidden>
        <span>Time</span>
        <span />
        <span>Call</span>
        <span>Event</span>
        <span>Source</span>
        <span>User</span>
        <span className={classes.size}>Size</span>
      </div>
      <div
        ref={scroller}
        className={classes.list}
        role="listbox"
        tabIndex={0}
        aria-label="Events, newest first"
        aria-activedescendant={at >= 0 ? rowId(active as string) : undefined}
        onKeyDown={press}
        onScroll={(event) => {
          const isAtTop = event.currentTarget.scrollTop < height / 2;
          if (isAtTop !== atTop) {
            setAtTop(isAtTop);
            onAtTop(isAtTop);
          }
        }}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const event = events[item.index] as LiveEvent;
            return (
              <EventRow
                key={event.place + event.source}
                event={event}
                top={item.start}
                isSelected={event.place === active}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
