/** A link that is shown once, for the admin to share. */

import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import type { LinkToken } from "~/api/schema";
import { Copy } from "~/components/Copy";
import { moment } from "~/format/format";

interface Props {
  /** Whom it is for. */
  who: string;
  link: LinkToken;
  what: "invitation" | "password reset";
  close: () => void;
}

export function HandOver({ who, link, what, close }: Props) {
  const address = `${window.location.origin}/join#token=${link.token}`;
  return (
    <Stack>
      <Text>
        Send this {what} link to <b>{who}</b> over a private channel. Whoever opens it can set the password.
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
        Copy it now: it is shown only once. It works one time, until {moment(link.ends_at)}. If it gets lost,
        create a new one, which replaces it.
      </Alert>
      <Group justify="flex-end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}
