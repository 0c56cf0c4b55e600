/** Many letters retried or discarded: asked with numbers, done page by page, with the way it goes and a stop. */

import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { confirm } from "~/components/confirm";
import { count, counted as many } from "~/format/format";
import { type Chosen, type Counted, counted, decided, type Verb } from "./decide";

export interface Progress {
  verb: Verb;
  done: number;
  /** null: nobody has counted to the end. */
  total: number | null;
}

const WORDS = {
  replay: {
    title: "Retry dead letters?",
    confirm: "Retry",
    will: "will be retried with the current configuration",
    done: "being retried",
  },
  discard: {
    title: "Discard dead letters?",
    confirm: "Discard permanently",
    will: "will be deleted permanently. This cannot be undone",
    done: "discarded",
  },
} as const;

interface Decision {
  progress: Progress | null;
  /** `what` names them: "the 3 that are selected". */
  ask: (verb: Verb, chosen: Chosen, what: string, then?: () => void) => void;
  stop: () => void;
}

export function useDecision(): Decision {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const isStopped = useRef(false);

  function ask(verb: Verb, chosen: Chosen, what: string, then?: () => void) {
    const words = WORDS[verb];
    let found: Counted | undefined;
    confirm({
      title: words.title,
      children: <Text size="sm">This applies to {what}.</Text>,
      consequences: async () => {
        found = await counted(verb, chosen);
        return consequences(verb, found);
      },
      confirm: words.confirm,
      destructive: verb === "discard",
      act: async () => {
        // The dialog closes; how it goes on is told on the page.
        void run(verb, chosen, found?.isWhole ? found.count : null).then(then);
      },
    });
  }

  async function run(verb: Verb, chosen: Chosen, total: number | null) {
    isStopped.current = false;
    setProgress({ verb, done: 0, total });
    let last: Counted = { count: 0, skipped: [], isWhole: true };
    try {
      for await (const sum of decided(verb, chosen, () => isStopped.current)) {
        last = sum;
        setProgress({ verb, done: sum.count, total });
      }
      notifications.show({ ...told(verb, last), color: last.skipped.length > 0 ? "orange" : "green" });
    } catch (error) {
      const message = `${error instanceof Error ? error.message : error} ${many(last.count, "dead letter")} had been processed before.`;
      notifications.show({ title: "Stopped by an error", message, color: "red", autoClose: false });
    } finally {
      setProgress(null);
      await queries.invalidateQueries();
    }
  }

  return {
    progress,
    ask,
    stop: () => {
      isStopped.current = true;
    },
  };
}

function consequences(verb: Verb, { count: sum, skipped, isWhole }: Counted): string[] {
  const lines = [`${isWhole ? "" : "At least "}${many(sum, "dead letter")} ${WORDS[verb].will}.`];
  if (skipped.length > 0)
    lines.push(`${many(skipped.length, "other")} cannot be: already gone, or unreadable.`);
  if (verb === "replay" && sum > 0)
    lines.push("Events that fail again come back as dead letters with the new reason.");
  return lines;
}

function told(verb: Verb, { count: sum, skipped, isWhole }: Counted): { title: string; message: string } {
  const words = WORDS[verb];
  const title = `${many(sum, "dead letter")} ${words.done}`;
  const parts = [
    verb === "replay" ? "Those that fail again reappear in the list." : "",
    skipped.length > 0 ? `${count(skipped.length)} could not be processed.` : "",
    isWhole ? "" : "Stopped early: the rest are unchanged.",
  ];
  return { title, message: parts.filter(Boolean).join(" ") };
}
