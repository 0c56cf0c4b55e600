/** Many letters tried again or let go: asked with numbers, done page by page, with the way it goes and a stop. */

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
    title: "Try dead letters again?",
    confirm: "Try again",
    will: "are tried again, with the workspace as it is now",
    done: "on its way again",
    allDone: "on their way again",
  },
  discard: {
    title: "Let dead letters go?",
    confirm: "Let go for good",
    will: "are deleted for good. Nobody can bring them back",
    done: "gone",
    allDone: "gone",
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
      children: <Text size="sm">This is about {what}.</Text>,
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
      const message = `${error instanceof Error ? error.message : error} Before that, ${many(last.count, "letter")} were done.`;
      notifications.show({ title: "This did not work to the end", message, color: "red", autoClose: false });
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
  if (skipped.length > 0) lines.push(`${many(skipped.length, "other")} cannot be: gone, or never readable.`);
  if (verb === "replay" && sum > 0)
    lines.push("What fails again becomes a dead letter again, with the reason of then.");
  return lines;
}

function told(verb: Verb, { count: sum, skipped, isWhole }: Counted): { title: string; message: string } {
  const words = WORDS[verb];
  const title = `${many(sum, "dead letter")} ${sum === 1 ? words.done : words.allDone}`;
  const parts = [
    verb === "replay" ? "The list shows those that fail again." : "They are no longer listed.",
    skipped.length > 0 ? `${count(skipped.length)} could not be.` : "",
    isWhole ? "" : "Stopped before the end: the others stay.",
  ];
  return { title, message: parts.filter(Boolean).join(" ") };
}
