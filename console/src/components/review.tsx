/** Before something is saved: what it changes, path by path, and why one does it. */

import { Button, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/client";
import type { Applied } from "~/api/schema";
import { type ChangeLine, Changes, type SaidChange } from "./Changes";
import { Failed, Loading } from "./states";

export interface Review {
  title: string;
  /** What follows from it that no path says. */
  notes?: string[];
  /** A change as people say it, where it has words of its own. */
  inWords?: (change: ChangeLine) => SaidChange | undefined;
  /** Asks the API: with `dry_run` what it would change; else to change it. */
  ask: (how: { dry_run: boolean; note: string | null }) => Promise<Applied>;
  /** Said when it is saved; default: the version. */
  saved?: string;
  onSaved?: (applied: Applied) => void;
  /** Called with what is wrong, so that a form can tell it at its fields. The dialog tells it as well. */
  onWrong?: (error: ApiError) => void;
}

/** Opens the dialog. */
export function review(question: Review): void {
  const id = modals.open({
    title: question.title,
    size: "xl",
    children: <Dialog question={question} close={() => modals.close(id)} />,
  });
}

function Dialog({ question, close }: { question: Review; close: () => void }) {
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const [opened] = useState(() => Date.now());
  const planned = useQuery({
    queryKey: ["review", opened],
    queryFn: async () => {
      try {
        return await question.ask({ dry_run: true, note: null });
      } catch (error) {
        if (error instanceof ApiError) question.onWrong?.(error);
        throw error;
      }
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    // Once it is saved there is nothing left to ask about.
    enabled: !state.busy,
  });
  const changes = planned.data?.changes ?? [];

  async function save() {
    setState({ busy: true });
    try {
      const applied = await question.ask({ dry_run: false, note: note.trim() || null });
      // But for the question of this dialog: what it would change was asked of the version before.
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "review" });
      notifications.show({
        message: question.saved ?? `Saved as version ${applied.version} of the workspace.`,
        color: "green",
      });
      close();
      question.onSaved?.(applied);
    } catch (error) {
      if (error instanceof ApiError) question.onWrong?.(error);
      setState({ busy: false, error });
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changes.length > 0) void save();
      }}
    >
      <Stack>
        {planned.isPending && <Loading lines={4} />}
        {planned.error && <Failed error={planned.error} />}
        {planned.data && (
          <Changes
            changes={changes}
            none="Nothing to save: this is how it is already."
            inWords={question.inWords}
          />
        )}
        {planned.data && changes.length > 0 && question.notes && question.notes.length > 0 && (
          <List size="sm">
            {question.notes.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        )}
        {changes.length > 0 && (
          <TextInput
            label="Note"
            description="Optional. Why you make this change, for the history."
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        {state.error !== undefined && <Failed error={state.error} />}
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {planned.data && changes.length > 0 && `Creates version ${planned.data.version + 1}.`}
          </Text>
          <Group>
            <Button variant="default" onClick={close}>
              {planned.error ? "Back" : "Cancel"}
            </Button>
            <Button type="submit" disabled={changes.length === 0} loading={state.busy}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
