/** Pause, go on, cancel. */

import { ActionIcon, Button, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "~/api/client";
import type { ReplayLine } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { May } from "~/components/May";
import { counted } from "~/format/format";
import { titleOf } from "./words";

type Verb = "pause" | "resume" | "cancel";

interface Props {
  replay: ReplayLine;
  /** Signs without words. */
  compact?: boolean;
}

export function Decide({ replay, compact = false }: Props) {
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: async (verb: Verb) => {
      const path = { replay_id: replay.id, verb };
      await api.POST("/api/v1/replays/{replay_id}/{verb}", { params: { path } });
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const cancel = () =>
    confirm({
      title: `Cancel “${titleOf(replay.asked)}”?`,
      children:
        "Events already sent stay sent. A cancelled replay cannot be resumed, but you can start a new one.",
      consequences: async () => {
        const left = Math.max(0, replay.rows - replay.looked);
        const told = [`${counted(replay.sent, "event")} sent so far.`];
        if (replay.rows) told.push(`Up to ${counted(left, "remaining event")} will not be sent.`);
        return told;
      },
      confirm: "Cancel replay",
      act: () => decide.mutateAsync("cancel"),
    });
  const isPaused = replay.state === "paused";
  return (
    <>
      <Action
        label={isPaused ? "Resume" : "Pause"}
        icon={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
        compact={compact}
        loading={decide.isPending}
        onClick={() => decide.mutate(isPaused ? "resume" : "pause")}
      />
      <Action label="Cancel" icon={<IconX size={16} />} compact={compact} onClick={cancel} />
      {decide.error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {decide.error.message}
        </Text>
      )}
    </>
  );
}

interface ActionProps {
  label: string;
  icon: ReactNode;
  compact: boolean;
  loading?: boolean;
  onClick: () => void;
}

function Action({ label, icon, compact, loading, onClick }: ActionProps) {
  if (!compact)
    return (
      <May role="editor">
        <Button variant="default" leftSection={icon} loading={loading} onClick={onClick}>
          {label}
        </Button>
      </May>
    );
  return (
    <May role="editor">
      <ActionIcon variant="default" size="lg" aria-label={label} loading={loading} onClick={onClick}>
        {icon}
      </ActionIcon>
    </May>
  );
}
