/** What a change does, path by path: how it was, how it will be. */

import { Badge, Code, Group, Stack, Text } from "@mantine/core";
import classes from "./Changes.module.css";

/** As the API tells it; what is left out was not there, or is gone. */
export interface ChangeLine {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** The same as people say it: "Deduplication window", "30 days", "3 days". */
export interface SaidChange {
  title: string;
  before: string;
  after: string;
}

interface Props {
  changes: readonly ChangeLine[];
  none?: string | undefined;
  /** What has words of its own is told in them, with its path beside. */
  inWords?: ((change: ChangeLine) => SaidChange | undefined) | undefined;
}

export function Changes({ changes, none = "No changes.", inWords }: Props) {
  if (changes.length === 0) return <Text c="dimmed">{none}</Text>;
  return (
    <Stack gap={0} component="ul" className={classes.list}>
      {changes.map((change) => {
        const said = inWords?.(change);
        const { before, after } = said ?? change;
        return (
          <li key={change.path} className={classes.line}>
            <Group gap="xs" mb={4}>
              {said ? <Text fw={600}>{said.title}</Text> : <Kind change={change} />}
              <Code>{change.path || "(everything)"}</Code>
            </Group>
            {before !== undefined && <Value sign="−" value={before} />}
            {after !== undefined && <Value sign="+" value={after} />}
          </li>
        );
      })}
    </Stack>
  );
}

function Kind({ change }: { change: ChangeLine }) {
  if (change.before === undefined) return <Badge color="green">added</Badge>;
  if (change.after === undefined) return <Badge color="red">removed</Badge>;
  return <Badge color="blue">changed</Badge>;
}

function Value({ sign, value }: { sign: "−" | "+"; value: unknown }) {
  return (
    <pre className={classes.value} data-sign={sign}>
      <span className={classes.sign}>{sign}</span>
      {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}
