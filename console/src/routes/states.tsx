/** What is shown instead of a page. */

import { Button, Center, Container, Loader } from "@mantine/core";
import { IconCompassOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Failed } from "~/components/states";

export function Missing() {
  return (
    <>
      <PageHeader title="Page not found" />
      <Empty
        icon={IconCompassOff}
        title="Check the address"
        action={<Button renderRoot={(props) => <Link to="/" {...props} />}>Go to the overview</Button>}
      >
        It may have a typo, or the page was renamed or deleted.
      </Empty>
    </>
  );
}

export function RouteFailed({ error, reset }: ErrorComponentProps) {
  return (
    <Container size="sm" py="xl">
      <Failed error={error} retry={reset} />
    </Container>
  );
}

export function RoutePending() {
  return (
    <Center mih="40vh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
