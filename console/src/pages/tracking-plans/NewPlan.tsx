/** A new plan: empty, or with rules for everything that a source has sent. */

import { Button, Group, Modal, Radio, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, api } from "~/api/client";
import type { TrackingPlan } from "~/api/schema";
import { Failed } from "~/components/states";
import { counted } from "~/format/format";
import { draftOf, planOf } from "./model/draft";
import { useSourceNames } from "./sources";

type Start = "observed" | "empty";

export function NewPlan({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [start, setStart] = useState<Start>("observed");
  const [source, setSource] = useState<string | null>(null);
  const names = useSourceNames();
  const chosen = source ?? names[0] ?? null;

  const make = useMutation({
    mutationFn: async () => {
      const seen = start === "observed" && chosen ? await observed(chosen) : { name };
      const draft = { ...draftOf({ ...seen, name }), description };
      await api.PUT("/api/v1/tracking-plans/{name}", {
        params: { path: { name }, query: { new: true } },
        body: planOf(draft),
      });
      return draft;
    },
    onSuccess: async (draft) => {
      await queries.invalidateQueries();
      notifications.show({
        message: `Created ${name} with ${counted(draft.rules.length, "rule")}. No source uses it yet.`,
      });
      await navigate({ to: "/tracking-plans/$name", params: { name } });
    },
  });
  const problems = make.error instanceof ApiError ? make.error.problems : [];
  const nameProblem = problems.find((problem) => problem.path === "name")?.message;

  return (
    <Modal opened onClose={onClose} title="New tracking plan" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            description="For example “commerce”"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={nameProblem}
            data-autofocus
          />
          <Textarea
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            autosize
            minRows={1}
          />
          <Radio.Group label="Start from" value={start} onChange={(value) => setStart(value as Start)}>
            <Stack gap="xs" mt={4}>
              <Radio
                value="observed"
                label="Events a source has sent"
                description="Creates a rule for each event, allowing what was seen. Refine them afterwards."
                disabled={names.length === 0}
              />
              {start === "observed" && (
                <Select
                  label="Source"
                  data={names}
                  value={chosen}
                  onChange={setSource}
                  allowDeselect={false}
                  ml={32}
                  searchable
                />
              )}
              <Radio value="empty" label="An empty plan" description="Add rules one by one." />
            </Stack>
          </Radio.Group>
          {make.error && !nameProblem && <Failed error={make.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending} disabled={!name.trim()}>
              Create plan
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

async function observed(source: string): Promise<TrackingPlan> {
  const { data } = await api.GET("/api/v1/sources/{name}/schema/rules", {
    params: { path: { name: source } },
  });
  return data as TrackingPlan;
}
