/** Where an event went, and what became of it there: each opens into its request and response. */

import { Anchor, Badge, Button, Code, Collapse, Group, Stack, Text } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { $api } from "~/api/client";
import type { DeliveryLine, Journey } from "~/api/schema";
import { clock, counted, duration } from "~/format/format";
import { Exchange, type Spoken } from "../Exchange";
import { Initials } from "../Initials";
import { Loaded, Loading } from "../states";
import { Time } from "../Time";
import classes from "./EventTrace.module.css";
import { deliveryWords } from "./words";

export function Deliveries({ journey }: { journey: Journey }) {
  const lines = journey.deliveries ?? [];
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No destination receives events from this source.
      </Text>
    );
  }
  return (
    <ul className={classes.deliveries}>
      {lines.map((line) => (
        <Delivery key={line.destination} line={line} receivedAt={Date.parse(journey.received_at)} />
      ))}
    </ul>
  );
}

function Delivery({ line, receivedAt }: { line: DeliveryLine; receivedAt: number }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { label, said, color } = deliveryWords(line);
  const attempts = line.attempts ?? 0;
  return (
    <li className={classes.delivery}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Initials name={line.destination} size={30} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs">
            <Anchor
              size="sm"
              fw={600}
              renderRoot={(props) => (
                <Link to="/destinations/$name" params={{ name: line.destination }} {...props} />
              )}
            >
              {line.destination}
            </Anchor>
            <Badge color={color}>{label}</Badge>
            {line.reason && <Code>{line.reason}</Code>}
          </Group>
          {said && (
            <Text size="sm" mt={2} style={{ overflowWrap: "anywhere" }}>
              {said}
            </Text>
          )}
          {attempts > 0 && <Attempts line={line} attempts={attempts} receivedAt={receivedAt} />}
          <Group gap={4} mt={4}>
            {line.receipt && attempts > 0 && (
              <Button
                size="compact-xs"
                variant="subtle"
                aria-expanded={isOpen}
                aria-controls={id}
                leftSection={
                  <IconChevronRight
                    size={14}
                    style={{ transform: isOpen ? "rotate(90deg)" : undefined }}
                    aria-hidden
                  />
                }
                onClick={() => setOpen(!isOpen)}
              >
                Request and response
              </Button>
            )}
            {line.dead_letter && (
              <Button
                size="compact-xs"
                variant="subtle"
                renderRoot={(props) => (
                  <Link to="/dead-letters" search={{ letter: line.dead_letter }} {...props} />
                )}
              >
                Open dead letter
              </Button>
            )}
          </Group>
        </div>
      </Group>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && line.receipt && <Spoke receipt={line.receipt} destination={line.destination} />}
      </Collapse>
    </li>
  );
}

function Attempts(props: { line: DeliveryLine; attempts: number; receivedAt: number }) {
  const { line, attempts, receivedAt } = props;
  const at = line.at_ms ?? 0;
  const after = at - receivedAt;
  return (
    <Text size="xs" c="dimmed" component="div">
      {counted(attempts, "attempt")}, {attempts > 1 && "last "}took {duration(line.latency_ms ?? 0)}
      {line.status === "retrying" && at > Date.now() && (
        <>
          , next attempt <Time at={at} />
        </>
      )}
      {line.status === "delivered" && after >= 0 && (
        <>
          {" "}
          · <span className="hw-figures">{clock(at)}</span>, {duration(after)} after it was received
        </>
      )}
    </Text>
  );
}

function Spoke({ receipt, destination }: { receipt: string; destination: string }) {
  const query = $api.useQuery("get", "/api/v1/receipts/{receipt_id}", {
    params: { path: { receipt_id: receipt } },
  });
  return (
    <Stack gap="sm" pt="sm">
      <Loaded query={query} loading={<Loading lines={4} />}>
        {({ exchange }) =>
          exchange.length > 0 ? (
            <Exchange spoken={exchange as Spoken[]} />
          ) : (
            <Text size="sm" c="dimmed">
              The request and response were not kept. Headwater keeps ten successes per destination and hour,
              and a thousand failures per reason.
            </Text>
          )
        }
      </Loaded>
      <Group>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              to="/destinations/$name"
              params={{ name: destination }}
              search={{ tab: "receipts", receipt }}
              {...props}
            />
          )}
        >
          Open receipt
        </Anchor>
      </Group>
    </Stack>
  );
}
