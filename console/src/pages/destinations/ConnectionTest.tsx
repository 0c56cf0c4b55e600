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
  onWrong: (problems: Pick<Problem, "path" | "message">[]) => void;
}

const VERDICTS = {
  works: { title: "It works", color: "green" },
  "not now": { title: "It cannot be reached now", color: "yellow" },
  refused: { title: "It was refused", color: "red" },
} as const;

export function ConnectionTest({ destination, storedName, canTest, onWrong }: Props) {
  const test = useMutation({
    mutationFn: async (): Promise<Tested> => {
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
        Destinations of this type cannot be tested: send it an event instead.
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
            onClick={() => test.mutate()}
          >
            Test the connection
          </Button>
        </May>
        <Text size="sm" c="dimmed">
          Asks something harmless. No event is sent.
        </Text>
      </Group>
      {test.error && <Failed error={test.error} />}
      {test.data && <Verdict tested={test.data} />}
    </Stack>
  );
}

function Verdict({ tested }: { tested: Tested }) {
  const explain = useReasons();
  const said = explain(tested.reason);
  const { title, color } = VERDICTS[tested.verdict];
  const works = tested.verdict === "works";
  return (
    <Alert
      color={color}
      title={`${title}${tested.reason ? `: ${tested.reason}` : ""} (${duration(tested.latency_ms)})`}
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
        {tested.exchange.length > 0 && (
          <details>
            <summary>What was asked and answered</summary>
            <Stack mt="xs">
              <Exchange spoken={tested.exchange as Spoken[]} />
            </Stack>
          </details>
        )}
      </Stack>
    </Alert>
  );
}
