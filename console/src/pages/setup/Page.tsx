/** The first visit: somebody with the admin token becomes the first admin. */

import { Alert, Anchor, Button, Code, PasswordInput, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { $api, ApiError, api } from "~/api/client";
import { Email, NewPassword, OtherFault, YourName } from "~/components/Credentials";
import { Door } from "~/components/Door";
import { takeLinkToken } from "~/components/linkToken";
import { useEntering } from "~/components/useEntering";

const LINKED = takeLinkToken();

export default function Page() {
  const state = $api.useQuery("get", "/api/v1/setup");
  if (state.data && !state.data.needed)
    return (
      <Door title="Headwater is already set up" about="This installation has an admin.">
        <Button fullWidth renderRoot={(props) => <Link to="/sign-in" {...props} />}>
          Sign in
        </Button>
      </Door>
    );
  return <FirstAdmin />;
}

function FirstAdmin() {
  const enter = useEntering();
  const [token, setToken] = useState(LINKED);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const setUp = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/setup", {
        body: { name, email, password },
        headers: { Authorization: `Bearer ${token.trim()}` },
      }),
    onSuccess: enter,
  });
  const isRefused = setUp.error instanceof ApiError && setUp.error.code === "unauthorized";
  return (
    <Door
      title="Welcome to Headwater"
      about="Create the first admin account. You can invite your team afterwards."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setUp.mutate();
        }}
      >
        <Stack>
          {LINKED && !isRefused ? (
            <Alert color="green" p="xs">
              Your setup link contains the admin token.
            </Alert>
          ) : (
            <PasswordInput
              label="Admin token"
              description={
                <>
                  It proves that you run this installation. Find it in the file <Code>admin-token</Code> of
                  the data folder.
                </>
              }
              error={isRefused && "This is not the admin token."}
              autoComplete="off"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              required
              withAsterisk={false}
            />
          )}
          <YourName value={name} onChange={setName} error={setUp.error} autoFocus />
          <Email value={email} onChange={setEmail} error={setUp.error} required withAsterisk={false} />
          <NewPassword value={password} onChange={setPassword} error={setUp.error} />
          {!isRefused && <OtherFault error={setUp.error} fields={["name", "email", "password"]} />}
          <Button type="submit" loading={setUp.isPending} disabled={!token || !email || !password}>
            Create admin account
          </Button>
          <Anchor size="sm" ta="center" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
            I already have an account
          </Anchor>
        </Stack>
      </form>
    </Door>
  );
}
