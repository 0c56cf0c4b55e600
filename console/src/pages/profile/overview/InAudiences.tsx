/** The audiences that somebody is in, with since when. */

import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import { Loaded, Loading } from "~/components/states";
import { Time } from "~/components/Time";

export function InAudiences({ who }: { who: string }) {
  const query = $api.useQuery("get", "/api/v1/profiles/audiences/{who}", { params: { path: { who } } });
  return (
    <Loaded query={query} loading={<Loading lines={2} />}>
      {({ data }) => {
        const now = data.filter((each) => each.is_member);
        if (now.length === 0)
          return (
            <Text size="sm" c="dimmed">
              Not in any audience.
            </Text>
          );
        return (
          <Stack gap={6}>
            {now.map((each) => (
              <Group key={each.key} justify="space-between" wrap="nowrap" gap="md" align="baseline">
                <Anchor
                  size="sm"
                  fw={500}
                  renderRoot={(props) => <Link to="/audiences/$key" params={{ key: each.key }} {...props} />}
                >
                  {each.name}
                </Anchor>
                <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                  since <Time at={each.changed_at} />
                </Text>
              </Group>
            ))}
          </Stack>
        );
      }}
    </Loaded>
  );
}
