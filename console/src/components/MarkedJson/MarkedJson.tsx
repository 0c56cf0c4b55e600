/** An event as JSON, with some of its lines marked. */

import { Text, VisuallyHidden } from "@mantine/core";
import { useMemo } from "react";
import { Json } from "~/components/Json";
import { lines, marked } from "./lines";
import classes from "./MarkedJson.module.css";

interface Props {
  /** The event; text is JSON that may have been cut off. */
  value: unknown;
  /** The paths that are marked. */
  fields: readonly string[];
  label: string;
  /** What a mark means, for who does not see colours. */
  meaning?: string;
  tone?: "bad" | "good";
}

export function MarkedJson({ value, fields, label, meaning = "breaks the plan", tone = "bad" }: Props) {
  const event = useMemo(() => (typeof value === "string" ? parsed(value) : value), [value]);
  const all = useMemo(() => (event === undefined ? [] : lines(event)), [event]);
  const found = useMemo(() => fields.map((field) => ({ field, ...marked(all, field) })), [all, fields]);
  if (event === undefined)
    return (
      <>
        <Text size="sm" c="dimmed">
          It was cut off where it was kept, so its places cannot be marked.
        </Text>
        <Json value={value} label={label} />
      </>
    );
  const missing = found.filter(({ isMissing }) => isMissing).map(({ field }) => field);
  const isMarked = (index: number) => found.some(({ indexes }) => indexes.has(index));
  return (
    <>
      {missing.length > 0 && tone === "bad" && (
        <Text size="sm" c="dimmed" mb={4}>
          Missing: <code>{missing.join(", ")}</code>
        </Text>
      )}
      <pre ref={showMarked} className={classes.text} tabIndex={0} role="region" aria-label={label}>
        {all.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
          <span key={index} className={classes.line} data-marked={isMarked(index) ? tone : undefined}>
            {line.text}
            {isMarked(index) && <VisuallyHidden> ({meaning})</VisuallyHidden>}
          </span>
        ))}
      </pre>
    </>
  );
}

/** The first mark is in sight, without moving the page. */
function showMarked(text: HTMLPreElement | null) {
  const first = text?.querySelector<HTMLElement>("[data-marked]");
  if (text && first) text.scrollTop = Math.max(0, first.offsetTop - text.offsetTop - text.clientHeight / 3);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
