/** Server-sent events as a hook. The browser reconnects by itself and says with Last-Event-ID where it was. */

import { useEffect, useEffectEvent, useState } from "react";

export type LiveState = "connecting" | "open" | "lost";

/**
 * Calls `onMessage(event, data)` for each message of `url` until the component goes or `url` changes; null: nothing
 * is listened to. `names` are the event types of the stream.
 */
export function useLive(
  url: string | null,
  names: readonly string[],
  onMessage: (name: string, data: string) => void,
): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const deliver = useEffectEvent(onMessage);
  const wanted = names.join(" ");
  useEffect(() => {
    if (url === null) return;
    setState("connecting");
    const source = new EventSource(url);
    source.onopen = () => setState("open");
    source.onerror = () => setState(source.readyState === EventSource.CLOSED ? "lost" : "connecting");
    for (const name of wanted.split(" ")) {
      source.addEventListener(name, (message) => deliver(name, (message as MessageEvent<string>).data));
    }
    return () => source.close();
  }, [url, wanted]);
  return state;
}
