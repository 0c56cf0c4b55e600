/** Getting in with address and password. */

import { Alert, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, api } from "~/api/client";
import { Email } from "~/components/Credentials";
import { Door } from "~/components/Door";
import { Failed } from "~/components/states";
import { useEntering } from "~/components/useEntering";

const route = getRouteApi("/sign-in");

export default function Page() {
  const { next } = route.useSearch();
  const enter = useEntering(next);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.POST("/api/v1/session", { body: { email, password } }),
    onSuccess: enter,
    onError: () => setPassword(""),
  });
  return (
    <Door
      title="Sign in"
      about={
        next && next !== "/"
          ? "Your session has ended. Sign in to go back to where you were."
          : "Welcome back."
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack>
          <Email value={email} onChange={setEmail} autoFocus />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error && <Refused key={signIn.submittedAt} error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending} disabled={!email || !password}>
            Sign in
          </Button>
          <Text size="sm" c="dimmed" ta="center">
            Forgot your password? Ask an admin of your team for a reset link.
          </Text>
        </Stack>
      </form>
    </Door>
  );
}

function Refused({ error }: { error: Error }) {
  if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500)
    return <Failed error={error} />;
  return (
    <Alert color="red" icon={<IconAlertTriangle />} role="alert">
      {error.code === "too_many_attempts" ? (
        <Pause waitS={error.retryAfterS ?? 1} />
      ) : (
        "Wrong email or password."
      )}
    </Alert>
  );
}

/** Counts down to the next attempt that counts. */
function Pause({ waitS }: { waitS: number }) {
  const [left, setLeft] = useState(waitS);
  useInterval(() => setLeft((now) => Math.max(0, now - 1)), 1_000, { autoInvoke: true });
  return left > 0
    ? `Too many failed attempts. Try again in ${left} s.`
    : "Too many failed attempts. You can try again now.";
}
