/** Whether a destination can be reached and lets us in, as its settings are now in the form. */

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconPlugConnected, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, type Problem } from "~/api/client";
import type { ConnectionTest as Tested } from "~/api/schema";
import { Exchange, type Spoken } from "~/components/Exchange";
import { May } from "~/components/May";
import { Prose } from "~/components/Prose";
import { useReasons } from "~/components/receipts";
import { Failed } from "~/components/states";
import { duration } from "~/format/format";
import { bodyOf, type WholeDestination } from "./destination";
import { problemsOf } from "./useDraft";

interface Props {
  destination: WholeDestination;
  /** Of the stored one whose secrets masks mean; of a new one any name that is free. */
  storedName: string;
  canTest: boolean;
  /** Asked before a test: false when something is missing, which is then told at its field. */
  isReady?: () => boolean;
  onWrong: (problems: Pick<Problem, "path" | "message">[]) => void;
}

const VERDICTS = {
  works: { title: "Connected", color: "green" },
  "not now": { title: "Could not connect right now", color: "yellow" },
  refused: { title: "Connection rejected", color: "red" },
} as const;

export function ConnectionTest({ destination, storedName, canTest, isReady, onWrong }: Props) {
  const test = useMutation({
    // What was tested: a verdict on other settings than those in the form would mislead.
    mutationFn: async (_settings: string): Promise<Tested> => {
      const { data } = await api.POST("/api/v1/destinations/{name}/test", {
        params: { path: { name: storedName } },
        body: bodyOf(destination),
      });
      return data as Tested;
    },
    onError: (error) => onWrong(problemsOf(error)),
  });
  if (!canTest)
    return (
      <Text size="sm" c="dimmed">
        This destination has no connection test. Create it, then send an event to see whether it arrives.
      </Text>
    );
  return (
    <Stack gap="sm">
      <Group>
        <May role="editor">
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={16} />}
            loading={test.isPending}
            onClick={() => (isReady?.() ?? true) && test.mutate(settingsText(destination))}
          >
            Test connection
          </Button>
        </May>
        <Text size="sm" c="dimmed">
          Checks address and credentials. No events are sent.
        </Text>
      </Group>
      {test.error && <Failed error={test.error} />}
      {test.data &&
        (test.variables === settingsText(destination) ? (
          <Verdict tested={test.data} />
        ) : (
          <Text size="sm" c="dimmed" role="status">
            The settings have changed since the last test.
          </Text>
        ))}
    </Stack>
  );
}

function settingsText({ settings }: WholeDestination): string {
  return JSON.stringify(settings);
}

function Verdict({ tested }: { tested: Tested }) {
  const explain = useReasons();
  const said = explain(tested.reason);
  const { title, color } = VERDICTS[tested.verdict];
  const works = tested.verdict === "works";
  return (
    <Alert
      color={color}
      title={`${title} (${duration(tested.latency_ms)})`}
      icon={works ? <IconCheck /> : <IconX />}
      role="status"
    >
      <Stack gap="xs">
        {tested.message && <Text size="sm">{tested.message}</Text>}
        {said && !works && (
          <Text size="sm">
            <Prose>{`${said.meaning} ${said.advice}`}</Prose>
          </Text>
        )}
        {tested.reason && (
          <Text size="xs" c="dimmed" ff="monospace">
            {tested.reason}
          </Text>
        )}
        {tested.exchange.length > 0 && (
          <details>
            <summary>Request and response</summary>
            <Stack mt="xs">
              <Exchange spoken={tested.exchange as Spoken[]} />
            </Stack>
          </details>
        )}
      </Stack>
    </Alert>
  );
}
