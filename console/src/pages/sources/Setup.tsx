/** What to write where, with the key and the host filled in, and whether an event has come. */

import {
  Alert,
  Anchor,
  Code,
  Grid,
  Group,
  List,
  NativeSelect,
  Paper,
  Stack,
  Tabs,
  Text,
  Title,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { SourceDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { Copy } from "~/components/Copy";
import { Prose } from "~/components/Prose";
import { FirstEvent } from "./FirstEvent";
import classes from "./Setup.module.css";
import { type Snippet, snippets, suiting } from "./snippets";
import { whole } from "./source";

/** Stands where the address is not known: no collector is running. */
const NO_URL = "https://cdp.example.com";

interface Props {
  detail: SourceDetail;
  sdk: string | undefined;
  onSdk: (sdk: string) => void;
}

export function Setup({ detail, sdk, onSdk }: Props) {
  const source = whole(detail.source);
  const seesKey = useMay("editor");
  const target = {
    url: detail.collect_url || NO_URL,
    writeKey: seesKey ? source.write_key : "YOUR_WRITE_KEY",
  };
  const all = snippets(source.type, target);
  const chosen = all.find((each) => each.id === sdk) ?? (all[0] as Snippet);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 4 }} order={{ base: 1, lg: 2 }}>
        <Stack>
          <FirstEvent detail={detail} />
          <Facts url={detail.collect_url} writeKey={seesKey ? source.write_key : null} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 8 }} order={{ base: 2, lg: 1 }}>
        <Stack>
          {!source.enabled && (
            <Alert color="yellow" icon={<IconAlertTriangle />} title="This source is off">
              Its events are rejected until you turn it on in Settings.
            </Alert>
          )}
          {source.oauth_clients.length > 0 && (
            <Alert color="blue" title="This source requires OAuth">
              Requests need an access token from one of its OAuth clients in addition to the write key. The
              Python and Node SDKs fetch one automatically when given the client’s key.
            </Alert>
          )}
          <Choice all={all} main={suiting(source.type)} chosen={chosen} onSdk={onSdk} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Choice(props: { all: Snippet[]; main: number; chosen: Snippet; onSdk: (sdk: string) => void }) {
  const { all, main, chosen, onSdk } = props;
  const isNarrow = useMediaQuery("(max-width: 48em)");
  if (isNarrow) {
    const options = (some: Snippet[]) => some.map((each) => ({ value: each.id, label: each.label }));
    return (
      <Stack>
        <NativeSelect
          label="SDK"
          data={[
            { group: "Recommended", items: options(all.slice(0, main)) },
            { group: "Other", items: options(all.slice(main)) },
          ]}
          value={chosen.id}
          onChange={(event) => onSdk(event.currentTarget.value)}
        />
        <Shown snippet={chosen} />
      </Stack>
    );
  }
  return (
    <Tabs value={chosen.id} onChange={(id) => id && onSdk(id)} orientation="vertical" variant="pills">
      <Tabs.List className={classes.list} aria-label="SDK">
        {all.map((each, index) => (
          <Tabs.Tab
            key={each.id}
            value={each.id}
            classNames={{ tab: index === main ? classes.other : classes.tab, tabLabel: classes.label }}
          >
            {each.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={chosen.id} pl="lg" miw={0}>
        <Shown snippet={chosen} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Shown({ snippet }: { snippet: Snippet }) {
  return (
    <Stack gap="sm">
      {snippet.install && <Box title="Install" text={snippet.install} what="what to install" />}
      <Box title={snippet.install ? "Send an event" : "Add this code"} text={snippet.code} what="the code" />
      {snippet.notes.length > 0 && (
        <List size="sm" spacing={4}>
          {snippet.notes.map((note) => (
            <List.Item key={note}>
              <Prose>{note}</Prose>
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

function Box({ title, text, what }: { title: string; text: string; what: string }) {
  return (
    <div>
      <Group justify="space-between" mb={6}>
        <Title order={2} size="h5">
          {title}
        </Title>
        <Copy value={text} what={what} label="Copy" />
      </Group>
      <pre className={classes.code} tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
    </div>
  );
}

function Facts({ url, writeKey }: { url: string; writeKey: string | null }) {
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Fact label="Host">
          {url ? (
            <Known value={url} what="host" />
          ) : (
            <Text size="sm" c="var(--mantine-color-orange-light-color)">
              The collector isn’t running, so events can’t be received right now.
            </Text>
          )}
        </Fact>
        <Fact label="Write key">
          {writeKey === null ? (
            <Text size="sm" c="dimmed">
              Only editors and admins can see the write key.
            </Text>
          ) : (
            <Known value={writeKey} what="write key" />
          )}
        </Fact>
        <Text size="xs" c="dimmed">
          The write key only allows sending events, so it’s safe to expose. Behind a proxy, set{" "}
          <Anchor inherit underline="always" renderRoot={(props) => <Link to="/settings" {...props} />}>
            public_url
          </Anchor>{" "}
          to your public address.
        </Text>
      </Stack>
    </Paper>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={2}>
        {label}
      </Text>
      {children}
    </div>
  );
}

function Known({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Code className={classes.fact}>{value}</Code>
      <Copy value={value} what={what} />
    </Group>
  );
}
