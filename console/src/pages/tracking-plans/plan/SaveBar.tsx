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
          ? `It holds for what ${sources.join(", ")} ${sources.length === 1 ? "sends" : "send"} from then on; what came before stays as it is.`
          : "No source is held to this plan yet, so nothing changes for events.",
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
          <Text fw={600}>Not saved yet</Text>
          <Text size="sm" c="dimmed">
            {changedParts(saved, draft).join(", ") || "the order of its rules"}
          </Text>
          {isOutrun && (
            <Text size="sm" c="var(--mantine-color-orange-light-color)">
              Somebody has changed this plan since you began: saving puts yours in place of theirs.
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button variant="subtle" onClick={() => navigate({ search: { tab: "dry-run" } })}>
            Try it on real events
          </Button>
          <Button variant="default" onClick={discard}>
            Throw away
          </Button>
          <May role="editor">
            <Button onClick={save}>Review and save</Button>
          </May>
        </Group>
      </Group>
    </div>
  );
}
