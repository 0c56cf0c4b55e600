/** Events as they arrive, and what became of each. */

import { Button, Kbd, Stack, Text } from "@mantine/core";
import { IconActivity, IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { LiveEvent } from "~/api/schema";
import { sessionOptions } from "~/api/session";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Failed, Loading } from "~/components/states";
import classes from "./Debugger.module.css";
import { EventDrawer } from "./EventDrawer";
import { EventStream } from "./EventStream";
import { Filters } from "./Filters";
import type { DebuggerSearch } from "./routes";
import { StreamBar } from "./StreamBar";
import { streamOf, useEvents } from "./useEvents";
import { useKeys } from "./useKeys";

export default function Page() {
  const asked = useSearch({ from: "/shell/debugger" });
  const navigate = useNavigate({ from: "/debugger" });
  const [attempt, setAttempt] = useState(0);
  return (
    <>
      <PageHeader
        title="Live debugger"
        description="Events as they arrive: which were accepted, which were rejected, and why."
      />
      <Stack gap="md">
        <Filters
          asked={asked}
          onAsk={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
        />
        {/* Another question is another stream, and begins with an empty list. */}
        <Stream
          key={`${streamOf(asked)} ${attempt}`}
          asked={asked}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
          onAgain={() => setAttempt(attempt + 1)}
        />
      </Stack>
    </>
  );
}

interface StreamProps {
  asked: DebuggerSearch;
  onSearch: (change: Partial<DebuggerSearch>) => void;
  onAgain: () => void;
}

function Stream({ asked, onSearch, onAgain }: StreamProps) {
  const [isPaused, setPaused] = useState(false);
  const [isAtTop, setAtTop] = useState(true);
  const [active, setActive] = useState<string | undefined>(asked.place);
  const isOpen = asked.id !== undefined;
  const isHeld = isPaused || !isAtTop || isOpen || active !== undefined;
  const events = useEvents(asked, isHeld);
  useSignedOut(events.state === "lost");

  const open = (event: LiveEvent) => {
    setActive(event.place);
    onSearch({ id: event.message_id, place: event.place });
  };
  const close = () => onSearch({ id: undefined, place: undefined });
  const goOn = () => {
    setActive(undefined);
    setAtTop(true);
    events.release();
  };
  const toggle = () => {
    if (isPaused) goOn();
    setPaused(!isPaused);
  };

  const at = events.shown.findIndex((event) => event.place === active);
  const step = (by: number) => {
    const next = events.shown[at < 0 ? 0 : Math.max(0, Math.min(events.shown.length - 1, at + by))];
    if (!next) return;
    setActive(next.place);
    if (isOpen) onSearch({ id: next.message_id, place: next.place });
  };

  useKeys(
    new Map([
      ["j", () => step(1)],
      ["k", () => step(-1)],
      [" ", toggle],
      ["Enter", () => at >= 0 && open(events.shown[at] as LiveEvent)],
      ["Escape", () => !isPaused && goOn()],
    ]),
  );

  if (events.error) return <Failed error={events.error} retry={onAgain} />;
  if (events.state === "lost") {
    return (
      <Empty
        icon={IconPlugConnectedX}
        title="Disconnected"
        action={<Button onClick={onAgain}>Reconnect</Button>}
      >
        The live stream was closed. Headwater may be restarting, or too many people are watching at once.
      </Empty>
    );
  }
  return (
    <div>
      <div className={classes.frame}>
        <StreamBar
          state={events.state}
          rate={events.rate}
          isPaused={isPaused}
          isHeld={isHeld}
          shown={events.shown.length}
          onToggle={toggle}
        />
        {events.shown.length > 0 || events.heldCount > 0 ? (
          <EventStream
            events={events.shown}
            heldCount={events.heldCount}
            active={active}
            onActive={(event) => setActive(event.place)}
            onOpen={open}
            onAtTop={setAtTop}
            onRelease={() => {
              goOn();
              setPaused(false);
            }}
          />
        ) : events.isPending ? (
          <div style={{ padding: "1rem" }}>
            <Loading />
          </div>
        ) : (
          <Nothing asked={asked} />
        )}
      </div>
      <div className={classes.keys}>
        <span>
          <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> Next and previous
        </span>
        <span>
          <Kbd size="xs">Enter</Kbd> Open
        </span>
        <span>
          <Kbd size="xs">Space</Kbd> Pause or resume
        </span>
        <span>
          <Kbd size="xs">Esc</Kbd> Back to live
        </span>
      </div>
      <EventDrawer
        id={asked.id ?? null}
        place={asked.place}
        event={events.shown.find((event) => event.place === asked.place)}
        onClose={close}
      />
    </div>
  );
}

function Nothing({ asked }: { asked: DebuggerSearch }) {
  const isNarrowed = Boolean(asked.filter || asked.source || asked.type || asked.event || asked.outcome);
  return (
    <Empty
      icon={IconActivity}
      title={isNarrowed ? "No matching events yet" : "Waiting for the first event"}
      action={
        asked.outcome === "dropped" ? (
          <Button variant="default" renderRoot={(props) => <Link to="/dead-letters" {...props} />}>
            View dead letters
          </Button>
        ) : isNarrowed ? undefined : (
          <Button variant="default" renderRoot={(props) => <Link to="/sources" {...props} />}>
            Set up a source
          </Button>
        )
      }
    >
      <Text inherit>
        {asked.outcome === "dropped"
          ? "Newly rejected events appear here as they arrive. Earlier ones are kept as dead letters."
          : "Events appear here within a second of arriving. No need to reload."}
      </Text>
    </Empty>
  );
}

/** A stream that the platform has closed may mean that one is signed out: asking for the session tells. */
function useSignedOut(isLost: boolean) {
  const queries = useQueryClient();
  useEffect(() => {
    if (isLost) void queries.invalidateQueries({ queryKey: sessionOptions.queryKey });
  }, [isLost, queries]);
}
