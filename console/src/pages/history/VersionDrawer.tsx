/** One version: what it changed, or how it differs from another one; and the way back to it. */

import { Anchor, Badge, Button, Drawer, Group, Paper, Select, Stack, Text, Title } from "@mantine/core";
import { IconArrowBackUp, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { VersionDetail } from "~/api/schema";
import { useSession } from "~/api/session";
import { Changes } from "~/components/Changes";
import { May } from "~/components/May";
import { Loaded } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { byItem, type Item, nameOf } from "./items";
import { Consequences, rollBack } from "./rollBack";
import { Undo } from "./Undo";
import { noteOf } from "./words";

interface Props {
  /** Undefined: closed. */
  number: number | undefined;
  against: number | undefined;
}

export function VersionDrawer({ number, against }: Props) {
  const navigate = useNavigate({ from: "/history" });
  const close = () =>
    void navigate({ search: (now) => ({ ...now, version: undefined, against: undefined }), replace: true });
  return (
    <Drawer
      opened={number !== undefined}
      onClose={close}
      title={number !== undefined && `Version ${number} of the workspace`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {number !== undefined && <Body number={number} against={against} />}
    </Drawer>
  );
}

function Body({ number, against }: { number: number; against: number | undefined }) {
  const found = $api.useQuery("get", "/api/v1/workspace/versions/{number}", {
    params: { path: { number }, query: against === undefined ? {} : { against } },
  });
  return <Loaded query={found}>{(version) => <Version version={version} against={against} />}</Loaded>;
}

function Version({ version, against }: { version: VersionDetail; against: number | undefined }) {
  const queries = useQueryClient();
  const { version: number } = version;
  const items = byItem(version.changes);
  const isOneChange = version.against === number - 1;
  return (
    <Stack>
      <Steps number={number} />
      <Group gap="xs">
        <Text component="div">
          <Time at={version.at} /> by <b>{version.author || "unknown"}</b>
        </Text>
        {version.is_current && <Badge color="green">current</Badge>}
      </Group>
      <Text>{noteOf(version)}</Text>
      <Group>
        {version.is_current ? (
          number > 1 && <Undo version={number} size="sm" />
        ) : (
          <May role="editor">
            <Button
              size="sm"
              leftSection={<IconArrowBackUp size={16} />}
              onClick={() =>
                rollBack(queries, {
                  title: `Restore version ${number}`,
                  to: number,
                  verb: "Restore",
                })
              }
            >
              Restore this version
            </Button>
          </May>
        )}
      </Group>
      <Against number={number} against={against} />
      {items.length > 0 && (
        <section aria-labelledby="in-short">
          <Title order={2} size="h5" mb={4} id="in-short">
            Summary
          </Title>
          <Consequences lines={version.consequences} />
        </section>
      )}
      <section aria-labelledby="changes">
        <Title order={2} size="h5" mb="xs" id="changes">
          {version.against === 0
            ? "Everything: this is the first version"
            : `${counted(version.changes.length, "change")} from version ${version.against}`}
        </Title>
        <Stack gap="sm">
          {items.map((item) => (
            <ItemChanges key={item.path} item={item} before={isOneChange ? version.against : undefined} />
          ))}
          {items.length === 0 && <Text c="dimmed">These versions are identical.</Text>}
        </Stack>
      </section>
    </Stack>
  );
}

function ItemChanges({ item, before }: { item: Item; before: number | undefined }) {
  const queries = useQueryClient();
  return (
    <Paper p="sm">
      <Group justify="space-between" mb={4}>
        <Title order={3} size="h6" style={{ overflowWrap: "anywhere" }}>
          {nameOf(item.path)}
        </Title>
        {before !== undefined && before > 0 && (
          <May role="editor">
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() =>
                rollBack(queries, {
                  title: `Undo only ${nameOf(item.path)}`,
                  to: before,
                  path: item.path,
                  verb: "Undo",
                })
              }
              aria-label={`Undo only ${nameOf(item.path)}`}
            >
              Undo only this
            </Button>
          </May>
        )}
      </Group>
      <Changes changes={item.changes} />
    </Paper>
  );
}

/** To the versions before and after. */
function Steps({ number }: { number: number }) {
  const navigate = useNavigate({ from: "/history" });
  const newest = useSession().version;
  const go = (version: number) =>
    void navigate({ search: (now) => ({ ...now, version, against: undefined }), replace: true });
  return (
    <Group justify="space-between">
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconChevronLeft size={14} />}
        disabled={number <= 1}
        onClick={() => go(number - 1)}
      >
        Version {number - 1}
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        rightSection={<IconChevronRight size={14} />}
        disabled={number >= newest}
        onClick={() => go(number + 1)}
      >
        Version {number + 1}
      </Button>
    </Group>
  );
}

const CHOICES_MAX = 200;

/** What the version is compared with. */
function Against({ number, against }: { number: number; against: number | undefined }) {
  const navigate = useNavigate({ from: "/history" });
  const newest = useSession().version;
  const first = Math.max(1, newest - CHOICES_MAX);
  const others = Array.from({ length: newest - first + 1 }, (_, index) => newest - index);
  if (against && !others.includes(against)) others.push(against);
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Compared with"
        size="sm"
        w={240}
        searchable
        data={[
          { value: "", label: "Previous version" },
          ...others
            .filter((other) => other !== number)
            .map((other) => ({
              value: String(other),
              label: other === newest ? `Version ${other} (current)` : `Version ${other}`,
            })),
        ]}
        value={against === undefined ? "" : String(against)}
        allowDeselect={false}
        onChange={(chosen) =>
          void navigate({
            search: (now) => ({ ...now, against: chosen ? Number(chosen) : undefined }),
            replace: true,
          })
        }
      />
      {against === undefined && number < newest && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          pb={8}
          onClick={() => void navigate({ search: (now) => ({ ...now, against: newest }), replace: true })}
        >
          Compare with current
        </Anchor>
      )}
    </Group>
  );
}
