/** What one can do with the plan as a whole. */

import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconDots, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, api } from "~/api/client";
import type { Impact } from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { consequencesOf } from "~/components/impact";
import { Failed } from "~/components/states";
import { planOf } from "../model/draft";
import { usePlan } from "./context";

export function PlanMenu() {
  const { detail, draft, discard } = usePlan();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mayEdit = useMay("editor");
  const [isRenaming, renaming] = useDisclosure();
  const { name } = detail;

  const remove = () =>
    confirm({
      title: `Delete the plan ${name}`,
      children: "Its rules are removed. You can restore the plan from History.",
      consequences: () => consequences(name),
      confirm: "Delete plan",
      typed: name,
      act: async () => {
        await api.DELETE("/api/v1/tracking-plans/{name}", {
          params: { path: { name }, query: { leave_out: true } },
        });
        discard();
        await navigate({ to: "/tracking-plans" });
        await queries.invalidateQueries();
        notifications.show({ message: `Deleted ${name}.` });
      },
    });

  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label="More about this plan">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={renaming.open} disabled={!mayEdit}>
            Name and description
          </Menu.Item>
          <Menu.Item
            leftSection={<IconDownload size={16} />}
            component="a"
            href={`data:application/json,${encodeURIComponent(JSON.stringify(planOf(draft), null, 2))}`}
            download={`${name}.json`}
          >
            Download as JSON
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove} disabled={!mayEdit}>
            Delete plan
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isRenaming && <Rename onClose={renaming.close} />}
    </>
  );
}

/** What deleting it means, one line each. */
async function consequences(name: string): Promise<string[]> {
  const { data } = await api.GET("/api/v1/tracking-plans/{name}/impact", { params: { path: { name } } });
  return consequencesOf(data as Impact);
}

function Rename({ onClose }: { onClose: () => void }) {
  const { detail, saved, draft, update, isDirty } = usePlan();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(detail.name);
  const [description, setDescription] = useState(draft.description);
  const isNew = name !== detail.name;

  const rename = useMutation({
    mutationFn: () =>
      api.PUT("/api/v1/tracking-plans/{name}", {
        params: { path: { name: detail.name } },
        body: planOf({ ...saved, name, description }),
      }),
    onSuccess: async () => {
      await navigate({ to: "/tracking-plans/$name", params: { name }, replace: true });
      await queries.invalidateQueries();
      notifications.show({
        message: `Renamed to ${name}. Its sources still use it.`,
      });
    },
  });
  const problems = rename.error instanceof ApiError ? rename.error.problems : [];

  return (
    <Modal opened onClose={onClose} title="Name and description">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isNew) return rename.mutate();
          update((before) => ({ ...before, description }));
          onClose();
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problems.find((problem) => problem.path === "name")?.message}
            disabled={isDirty}
            description={isDirty ? "Save or discard your changes before renaming" : undefined}
            required
          />
          <Textarea
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            autosize
            minRows={2}
            data-autofocus
          />
          {isNew && (
            <Text size="sm" c="dimmed">
              Its sources keep using it. Violations are counted from zero under the new name.
            </Text>
          )}
          {rename.error && problems.length === 0 && <Failed error={rename.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rename.isPending} disabled={!name.trim()}>
              {isNew ? "Rename" : "Done"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
