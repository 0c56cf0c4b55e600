/** One letter: why it is here, what would become of it now, what was sent, to be mended and tried again. */

import { Anchor, Badge, Button, Code, Drawer, Group, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRepeat, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { $api, api } from "~/api/client";
import type { WholeDeadLetter } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { pretty } from "~/components/jsonText/pretty";
import { May } from "~/components/May";
import { Failed, Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { useFocusBack } from "~/components/useFocusBack";
import { bytes } from "~/format/format";
import { Advice } from "./Advice";
import { LetterPayload } from "./LetterPayload";
import { LetterTrace } from "./LetterTrace";
import { STAGE_LABELS, titleOf } from "./letters";

interface Props {
  id: string;
  onClose: () => void;
}

export default function LetterDrawer({ id, onClose }: Props) {
  useFocusBack();
  const letter = $api.useQuery(
    "get",
    "/api/v1/dead-letters/{dead_letter_id}",
    { params: { path: { dead_letter_id: id } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  return (
    <Drawer
      opened
      onClose={onClose}
      title={<Title order={2}>Dead letter</Title>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded query={letter}>{(found) => <Whole key={id} whole={found} onClose={onClose} />}</Loaded>
    </Drawer>
  );
}

function Whole({ whole, onClose }: { whole: WholeDeadLetter; onClose: () => void }) {
  const { letter } = whole;
  const isOfDelivery = letter.stage === "delivery";
  const sent = pretty(letter.payload);
  const [text, setText] = useState(sent);
  const isEdited = text.trim() !== sent.trim();
  return (
    <Stack>
      <Group gap="xs">
        <Title order={3} size="h4">
          {titleOf(letter)}
        </Title>
        <Badge color={isOfDelivery ? "orange" : "blue"}>{STAGE_LABELS[letter.stage] ?? letter.stage}</Badge>
        <Code>{letter.reason}</Code>
      </Group>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {letter.detail}
      </Text>
      <Advice
        about={whole.about}
        stage={letter.stage}
        reason={letter.reason}
        source={letter.source}
        destination={letter.destination}
      />
      <LetterPayload
        letter={letter}
        text={text}
        onChange={setText}
        isEdited={isEdited}
        onReset={() => setText(sent)}
      />
      <Decide id={letter.id} edited={isEdited ? text : null} onDone={onClose} />
      <Facts whole={whole} />
      {whole.trace.length > 0 && <LetterTrace lines={whole.trace} />}
    </Stack>
  );
}

interface DecideProps {
  id: string;
  /** The event to take instead; null: as it was sent. */
  edited: string | null;
  onDone: () => void;
}

function Decide({ id, edited, onDone }: DecideProps) {
  const queries = useQueryClient();
  const path = { params: { path: { dead_letter_id: id } } };
  const replay = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/dead-letters/{dead_letter_id}/replay", {
        ...path,
        // As it was typed: a number may have more digits than JavaScript's.
        ...(edited === null ? {} : { body: {}, bodySerializer: () => edited }),
      }),
    onSuccess: async () => {
      onDone();
      notifications.show({
        title: "Retrying",
        message: "If it fails again, it comes back as a dead letter with the new reason.",
      });
      await queries.invalidateQueries();
    },
  });
  return (
    <Stack gap="xs">
      {replay.error !== null && <Failed error={replay.error} />}
      <Group>
        <May role="editor">
          <Button
            leftSection={<IconRepeat size={16} />}
            onClick={() => replay.mutate()}
            loading={replay.isPending}
          >
            {edited === null ? "Retry" : "Retry with edits"}
          </Button>
        </May>
        <May role="editor">
          <Button
            variant="light"
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() =>
              confirm({
                title: "Discard this dead letter?",
                children: <Text size="sm">The event is deleted permanently. This cannot be undone.</Text>,
                confirm: "Discard permanently",
                act: async () => {
                  await api.DELETE("/api/v1/dead-letters/{dead_letter_id}", path);
                  onDone();
                  notifications.show({ message: "Dead letter discarded." });
                  await queries.invalidateQueries();
                },
              })
            }
          >
            Discard
          </Button>
        </May>
      </Group>
    </Stack>
  );
}

function Facts({ whole }: { whole: WholeDeadLetter }) {
  const { letter } = whole;
  const facts: [string, React.ReactNode][] = [
    ["Received", <Time key="received" at={letter.received_at} exact />],
    ["Failed", <Time key="died" at={whole.died_at} exact />],
    ["Source", letter.source || "Unknown"],
  ];
  if (letter.destination)
    facts.push(["Destination", letter.destination], ["Attempts", String(whole.attempts)]);
  if (letter.message_id)
    facts.push([
      "Message ID",
      <Anchor
        key="message"
        size="sm"
        style={{ overflowWrap: "anywhere" }}
        renderRoot={(props) => (
          <Link to="/events/$messageId" params={{ messageId: letter.message_id ?? "" }} {...props} />
        )}
      >
        {letter.message_id}
      </Anchor>,
    ]);
  if (letter.events > 1) facts.push(["Events", String(letter.events)]);
  facts.push(["Size", bytes(letter.payload_bytes)], ["ID", <Code key="id">{letter.id}</Code>]);
  if (whole.ip) facts.push(["IP address", whole.ip]);
  if (whole.user_agent) facts.push(["User agent", whole.user_agent]);
  if (whole.shared) facts.push(["Batch context", <Code key="shared">{whole.shared}</Code>]);
  return (
    <Table verticalSpacing={4} withRowBorders={false} highlightOnHover={false} aria-label="Facts">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="11rem" fw={400} c="dimmed" pl={0} scope="row">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
