/** Taking something back: what it comes to is asked of the API before it is done. */

import { List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { RolledBack } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { counted } from "~/format/format";
import { sentence } from "./words";

interface Question {
  /** Of the dialog: "Undo version 12". */
  title: string;
  /** The version to go back to. */
  to: number;
  /** Only this item or value, as `destinations[crm]`. */
  path?: string;
  verb: string;
}

export function rollBack(queries: QueryClient, { title, to, path, verb }: Question): void {
  confirm({
    title,
    children: path ? (
      <Text>
        Restores <b>{path}</b> to what it was in version {to}, and nothing else. This creates a new version,
        which you can undo as well.
      </Text>
    ) : (
      <Text>
        Restores the workspace to version {to}, secrets included. This creates a new version, which you can
        undo as well. Events in transit are not lost.
      </Text>
    ),
    consequences: async () => said(await ask(to, path, true)),
    confirm: verb,
    act: async () => {
      const done = await ask(to, path, false);
      await queries.invalidateQueries();
      notifications.show({
        message:
          done.changes.length === 0
            ? "Nothing was changed: it was like that already."
            : `Restored. This is now version ${done.version} of the workspace.`,
        color: "green",
      });
    },
  });
}

async function ask(number: number, path: string | undefined, dry_run: boolean): Promise<RolledBack> {
  const { data } = await api.POST("/api/v1/workspace/versions/{number}/rollback", {
    params: { path: { number }, query: { dry_run, ...(path ? { path } : {}) } },
  });
  if (!data) throw new Error("an answer without changes");
  return data;
}

/** In words, with numbers. */
function said({ changes, consequences }: RolledBack): string[] {
  if (changes.length === 0) return ["Nothing: it is like that already."];
  return [
    ...consequences.map(({ text }) => sentence(text)),
    `${counted(changes.length, "change")} in total.`,
  ];
}

/** The same for a version that is looked at. */
export function Consequences({ lines }: { lines: readonly { text: string }[] }) {
  return (
    <List size="sm" spacing={2}>
      {lines.map(({ text }) => (
        <List.Item key={text}>{sentence(text)}</List.Item>
      ))}
    </List>
  );
}
