/** Stands at the bottom while something is not saved. */

import { Alert, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { May } from "~/components/May";
import classes from "./SaveBar.module.css";
import type { Draft } from "./useDraft";

interface Props {
  draft: Draft;
  /** What follows from saving that no path says. */
  notes?: string[];
  onSaved?: () => void;
}

export function SaveBar({ draft, notes, onSaved }: Props) {
  if (!draft.isChanged) return null;
  return (
    <Paper p="sm" shadow="md" className={classes.bar} role="region" aria-label="Unsaved changes">
      <Stack gap="xs">
        {draft.isOvertaken && (
          <Alert color="yellow" p="xs">
            <Group justify="space-between">
              Someone else has changed this destination in the meantime.
              <Button size="xs" variant="default" onClick={draft.reset}>
                Load their version
              </Button>
            </Group>
          </Alert>
        )}
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            You have unsaved changes.
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={draft.reset}>
              Discard
            </Button>
            <May role="editor">
              <Button onClick={() => draft.save(notes, onSaved)}>Review and save</Button>
            </May>
          </Group>
        </Group>
      </Stack>
    </Paper>
  );
}
