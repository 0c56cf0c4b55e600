/** An event as it was sent and as it was accepted, in one text. */

import { VisuallyHidden } from "@mantine/core";
import { useMemo } from "react";
import classes from "./Diff.module.css";
import { diff } from "./diff";

const MEANINGS = { "-": "removed: ", "+": "added: ", " ": "" };

export function Diff({ before, after, label }: { before: unknown; after: unknown; label: string }) {
  const lines = useMemo(() => diff(before, after), [before, after]);
  return (
    <pre className={classes.text} tabIndex={0} role="region" aria-label={label}>
      {lines.map(({ sign, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
        <span key={index} className={classes.line} data-sign={sign}>
          <span aria-hidden>{sign === "-" ? "−" : sign}</span>
          <span>
            <VisuallyHidden>{MEANINGS[sign]}</VisuallyHidden>
            {text}
          </span>
        </span>
      ))}
    </pre>
  );
}
