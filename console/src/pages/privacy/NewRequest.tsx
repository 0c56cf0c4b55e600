/** Who and what: then the dialog says in numbers what that does. */

import { Button, Group, Modal, Radio, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { askForRegulation, type RegulationType, TYPES } from "~/components/Regulation";
import { counted } from "~/format/format";
import { SUBJECTS_MAX, subjectsIn } from "./subjects";

interface Props {
  opened: boolean;
  close: () => void;
  onMade: (regulation: string) => void;
}

export function NewRequest({ opened, close, onMade }: Props) {
  const queries = useQueryClient();
  const [type, setType] = useState<RegulationType>("SUPPRESS_WITH_DELETE");
  const [text, setText] = useState("");
  const userIds = subjectsIn(text);
  const isTooLong = userIds.length > SUBJECTS_MAX;

  function ask() {
    askForRegulation({
      type,
      userIds,
      onMade: (regulation) => {
        setText("");
        void queries.invalidateQueries();
        onMade(regulation);
      },
    });
  }

  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={<Text fw={650}>New privacy request</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (userIds.length > 0 && !isTooLong) ask();
        }}
      >
        <Stack>
          <Radio.Group label="Request" value={type} onChange={(next) => setType(next as RegulationType)}>
            <Stack gap="xs" mt="xs">
              {Object.entries(TYPES).map(([each, { verb, about }]) => (
                <Radio key={each} value={each} label={verb} description={about} />
              ))}
            </Stack>
          </Radio.Group>
          <Textarea
            label="User ids"
            description={`One per line, exactly as sent in events. Up to ${SUBJECTS_MAX.toLocaleString()}.`}
            placeholder={"user-4711\nuser-4712"}
            autosize
            minRows={3}
            maxRows={10}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={
              isTooLong && `${counted(userIds.length, "user")} is too many. Split them into several requests.`
            }
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" disabled={userIds.length === 0 || isTooLong}>
              Review impact{userIds.length > 0 && ` on ${counted(userIds.length, "user")}`}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
