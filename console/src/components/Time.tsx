/** An instant: how long ago, with the exact time on hover and focus. */

import { Text, Tooltip } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { ago, moment } from "~/format/format";

const EVERY_MS = 10_000;

export function Time({ at, exact = false }: { at: string | number | null | undefined; exact?: boolean }) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), EVERY_MS, { autoInvoke: !exact });
  if (!at)
    return (
      <Text span inherit c="dimmed">
        never
      </Text>
    );
  const [shown, hint] = exact ? [moment(at), ago(at, now)] : [ago(at, now), moment(at)];
  return (
    <Tooltip label={hint}>
      <time dateTime={new Date(at).toISOString()}>{shown}</time>
    </Tooltip>
  );
}
