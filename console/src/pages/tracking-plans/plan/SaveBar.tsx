/** What the draft changes, and the way to make it so: first what it does, then the deed. */

import { Button, Group, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "~/api/client";
import type { Applied } from "~/api/schema";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { changedParts, planOf } from "../model/draft";
import { usePlan } from "./context";
import classes from "./SaveBar.module.css";

const route = getRouteApi("/shell/tracking-plans/$name");

export function SaveBar() {
  const { detail, isDirty, isOutrun, saved, draft, discard, setProblems } = usePlan();
  const navigate = route.useNavigate();
  if (!isDirty) return null;
  const { name, sources } = detail;

  const save = () =>
    review({
      title: `Save the plan ${name}`,
      notes: [
        sources.length
          ? `Applies to new events from ${sources.join(", ")}. Stored events stay as they are.`
          : "No source uses this plan yet, so no events are affected.",
      ],
      ask: async ({ dry_run, note }) => {
        const { data } = await api.PUT("/api/v1/tracking-plans/{name}", {
          params: { path: { name }, query: { dry_run, note } },
          body: planOf(draft),
        });
        return data as Applied;
      },
      onSaved: discard,
      onWrong: (error) => setProblems(error.problems),
    });

  return (
    <div className={classes.bar} role="region" aria-label="Unsaved changes">
      <Group justify="space-between" gap="sm">
        <div>
          <Text fw={600}>Unsaved changes</Text>
          <Text size="sm" c="dimmed">
            {changedParts(saved, draft).join(", ") || "order of rules"}
          </Text>
          {isOutrun && (
            <Text size="sm" c="var(--mantine-color-orange-light-color)">
              Someone else changed this plan in the meantime. Saving overwrites their changes.
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button variant="subtle" onClick={() => navigate({ search: { tab: "dry-run" } })}>
            Dry run
          </Button>
          <Button variant="default" onClick={discard}>
            Discard changes
          </Button>
          <May role="editor">
            <Button onClick={save}>Review and save</Button>
          </May>
        </Group>
      </Group>
    </div>
  );
}
