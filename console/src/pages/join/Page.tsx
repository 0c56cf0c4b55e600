/** Where a link leads that an admin has handed over: an invitation, or the way to a new password. */

import { Button, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import type { Invited } from "~/api/schema";
import { Email, NewPassword, OtherFault, YourName } from "~/components/Credentials";
import { Door } from "~/components/Door";
import { takeLinkToken } from "~/components/linkToken";
import { ROLES } from "~/components/roles";
import { Failed, Loading } from "~/components/states";
import { useEntering } from "~/components/useEntering";

const TOKEN = takeLinkToken();

export default function Page() {
  const invited = useQuery({
    queryKey: ["invitation"],
    queryFn: async () => {
      const { data } = await api.POST("/api/v1/invitations/check", { body: { token: TOKEN } });
      if (!data) throw new Error("an answer without an invitation");
      return data.invited;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (invited.data) return <Accept invited={invited.data} />;
  if (invited.isPending)
    return (
      <Door title="One moment" about="Checking your link.">
        <Loading lines={3} />
      </Door>
    );
  const isOver = invited.data === null;
  return (
    <Door
      title="This link does not work"
      about={isOver ? "It was used already, was replaced by a newer one, or is more than a day old." : ""}
    >
      <Stack>
        {isOver ? (
          <Text>
            Ask an admin of your team for a new link, or sign in if you have already chosen a password.
          </Text>
        ) : (
          <Failed error={invited.error} retry={() => void invited.refetch()} />
        )}
        <Button variant="default" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
          Sign in
        </Button>
      </Stack>
    </Door>
  );
}

function Accept({ invited }: { invited: Invited }) {
  const enter = useEntering();
  const [name, setName] = useState(invited.name);
  const [password, setPassword] = useState("");
  const accept = useMutation({
    mutationFn: () => api.POST("/api/v1/invitations/accept", { body: { token: TOKEN, name, password } }),
    onSuccess: enter,
  });
  return (
    <Door
      title={invited.is_new ? "Welcome to the team" : "Choose a new password"}
      about={
        invited.is_new
          ? `You have been invited as ${invited.role}: you can ${ROLES[invited.role].can}.`
          : "You will be signed in here, and signed out everywhere else."
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          accept.mutate();
        }}
      >
        <Stack>
          {/* So that password managers know whose password it is. */}
          <Email value={invited.email} onChange={() => undefined} readOnly variant="filled" />
          {invited.is_new && <YourName value={name} onChange={setName} error={accept.error} />}
          <NewPassword value={password} onChange={setPassword} error={accept.error} />
          <OtherFault error={accept.error} fields={["name", "password"]} />
          <Button type="submit" loading={accept.isPending} disabled={!name || !password}>
            {invited.is_new ? "Join" : "Set password"}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
