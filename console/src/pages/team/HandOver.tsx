/** A link that is shown once, for the admin to hand over. */

import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import type { LinkToken } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { moment } from "~/format/format";

interface Props {
  /** Whom it is for. */
  who: string;
  link: LinkToken;
  what: "invitation" | "link for a new password";
  close: () => void;
}

export function HandOver({ who, link, what, close }: Props) {
  const address = `${window.location.origin}/join#token=${link.token}`;
  return (
    <Stack>
      <Text>
        This is the {what} for <b>{who}</b>. Send it to them in a way that only they can read: whoever opens
        it chooses the password.
      </Text>
      <TextInput
        label="Link"
        value={address}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
        rightSection={<Copy value={address} what="link" />}
        data-autofocus
      />
      <Alert color="yellow">
        It works once, until {moment(link.ends_at)}, and is shown only now. If it gets lost, make another one:
        this one stops working then.
      </Alert>
      <Group justify="flex-end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}
