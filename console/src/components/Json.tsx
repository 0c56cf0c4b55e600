/** JSON to read: coloured, indented, copied with one click, cut after a bound with the rest on demand. */

import { Box, Button } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { Copy } from "./Copy";
import classes from "./Json.module.css";

/** Shown at once; an event may have 32 KB, an answer of a tool more. */
const SHOWN_CHARACTERS = 20_000;

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function Json({ value, label = "JSON" }: { value: unknown; label?: string }) {
  const text = useMemo(
    () => (typeof value === "string" ? value : JSON.stringify(value, null, 2)) ?? "",
    [value],
  );
  const [all, setAll] = useState(false);
  const shown = all ? text : text.slice(0, SHOWN_CHARACTERS);
  const coloured = useMemo(() => colour(shown), [shown]);
  return (
    <Box className={classes.frame}>
      <div className={classes.copy}>
        <Copy value={text} what={label} />
      </div>
      <pre className={classes.text} tabIndex={0} role="region" aria-label={label}>
        {coloured}
      </pre>
      {shown.length < text.length && (
        <Button variant="subtle" size="xs" onClick={() => setAll(true)}>
          Show all {text.length.toLocaleString()} characters
        </Button>
      )}
    </Box>
  );
}

function colour(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index));
    const [token, string, colon, word] = match;
    const kind = string ? (colon ? "key" : "string") : word ? "word" : "number";
    parts.push(
      <span key={match.index} className={classes[kind]}>
        {string ?? token}
      </span>,
      colon,
    );
    end = match.index + token.length;
  }
  parts.push(text.slice(end));
  return parts;
}
