/** Before something is destroyed: what will happen, in numbers, and for the worst of it a word to type. */

import { Alert, Button, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Prose } from "./Prose";
import { Failed, Loading } from "./states";

interface Question {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** Asked when the dialog opens: consequences in words with numbers, one line each. */
  consequences?: () => Promise<string[]>;
  /** The verb on the button: "Delete audience". */
  confirm: string;
  /** To be typed before the button can be pressed. */
  typed?: string;
  /** Red unless false. */
  destructive?: boolean;
  /** Done when it is confirmed; the dialog stays open, with the error, when this fails. */
  act: () => Promise<unknown>;
}

/** Opens the dialog. Errors of `act` are shown in it. */
export function confirm(question: Question): void {
  const id = modals.open({
    title: question.title,
    size: "lg",
    children: <Dialog question={question} close={() => modals.close(id)} />,
  });
}

function Dialog({ question, close }: { question: Question; close: () => void }) {
  const { consequences, typed, act } = question;
  const [written, setWritten] = useState("");
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const found = useQuery({
    queryKey: ["consequences", question.title],
    queryFn: consequences,
    // Once it is done there is nothing left to ask about.
    enabled: consequences !== undefined && !state.busy,
    gcTime: 0,
  });
  const ready = (!consequences || found.data) && (!typed || written === typed);

  async function run() {
    setState({ busy: true });
    try {
      await act();
      close();
    } catch (error) {
      setState({ busy: false, error });
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void run();
      }}
    >
      <Stack>
        <Text component="div">{question.children}</Text>
        {consequences && found.isPending && <Loading lines={3} />}
        {found.error && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && found.data.length > 0 && (
          <Alert color={question.destructive === false ? "blue" : "orange"} title="What this does">
            <List size="sm">
              {found.data.map((line) => (
                <List.Item key={line}>
                  <Prose>{line}</Prose>
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        {typed && (
          <TextInput
            label={`Type ${typed} to confirm`}
            value={written}
            onChange={(event) => setWritten(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {state.error !== undefined && <Failed error={state.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus={typed ? undefined : true}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={question.destructive === false ? undefined : "red"}
            disabled={!ready}
            loading={state.busy}
          >
            {question.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
