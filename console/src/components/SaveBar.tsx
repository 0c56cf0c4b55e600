/** Stands at the bottom of a form while something in it is not saved. Its button submits the form. */

import { Button, Group, Paper, Text } from "@mantine/core";
import { May } from "./May";
import classes from "./SaveBar.module.css";

export function SaveBar({ isChanged, onDiscard }: { isChanged: boolean; onDiscard: () => void }) {
  if (!isChanged) return null;
  return (
    <Paper p="sm" shadow="md" className={classes.bar} role="region" aria-label="Unsaved changes">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          You have unsaved changes.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onDiscard}>
            Discard
          </Button>
          <May role="editor">
            <Button type="submit">Review and save</Button>
          </May>
        </Group>
      </Group>
    </Paper>
  );
}
