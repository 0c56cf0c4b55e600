/** Events as they arrive. What comes between two frames of the screen is taken in together, once. */

import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { $api } from "~/api/client";
import { type LiveState, useLive } from "~/api/live";
import type { LiveEvent, Rate } from "~/api/schema";
import { arrived, type Buffer, EMPTY, EVENTS_MAX, preceded, released } from "./buffer";
import type { DebuggerSearch } from "./routes";

const NAMES = ["start", "event", "rate", "end"] as const;

const BEFORE = 50;

/** A rate is told once a second while there is one to tell. */
const RATE_LASTS_MS = 2_500;

export interface Events extends Buffer {
  state: LiveState;
  /** Of the last second, while more happens than is shown. */
  rate: Rate | null;
  release: () => void;
  error: unknown;
  isPending: boolean;
}

export function useEvents(asked: DebuggerSearch, isHeld: boolean): Events {
  const [buffer, setBuffer] = useState(EMPTY);
  const [rate, setRate] = useState<Rate | null>(null);
  const waiting = useRef<LiveEvent[]>([]);
  const frame = useRef(0);

  const takeIn = useEffectEvent(() => {
    frame.current = 0;
    const events = waiting.current;
    waiting.current = [];
    setBuffer((before) => arrived(before, events, isHeld));
  });

  const state = useLive(streamOf(asked), NAMES, (name, data) => {
    if (name === "rate") setRate(JSON.parse(data) as Rate);
    if (name !== "event") return;
    waiting.current.push(JSON.parse(data) as LiveEvent);
    // A page that nobody sees has no frames.
    if (waiting.current.length > EVENTS_MAX) waiting.current.shift();
    if (frame.current === 0) frame.current = requestAnimationFrame(() => takeIn());
  });

  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  useEffect(() => {
    if (!rate) return;
    const timer = setTimeout(() => setRate(null), RATE_LASTS_MS);
    return () => clearTimeout(timer);
  }, [rate]);

  const before = useBefore(asked);
  useEffect(() => {
    if (before.data) setBuffer((now) => preceded(now, before.data.data));
  }, [before.data]);

  const release = useCallback(() => setBuffer(released), []);
  return {
    ...buffer,
    state,
    rate,
    release,
    error: before.error,
    isPending: before.isLoading || state === "connecting",
  };
}

/** The newest accepted events from before the stream began. */
function useBefore({ filter, source, type, event, outcome }: DebuggerSearch) {
  return $api.useQuery(
    "get",
    "/api/v1/events",
    { params: { query: { limit: BEFORE, ...questions({ filter, source, type, event }) } } },
    { enabled: outcome !== "dropped", staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false },
  );
}

export function streamOf({ filter, source, type, event, outcome }: DebuggerSearch): string {
  const query = new URLSearchParams(questions({ filter, source, type, event, outcome }));
  return `/api/v1/events/live?${query}`;
}

function questions(asked: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) as Record<string, string>;
}
