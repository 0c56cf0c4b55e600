/** What one can connect: a catalogue by category, and the form that sets one up. */

import {
  Badge,
  Button,
  Card,
  Group,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
  UnstyledButton,
} from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { TypeShape } from "~/api/schema";
import { Initials } from "~/components/Initials";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Loaded } from "~/components/states";
import classes from "./Catalogue.module.css";
import { capabilitiesOf, categoriesOf, categoryName, matchingTypes } from "./catalogue";
import { useTypes } from "./destination";
import SetUp from "./SetUp";

export default function Catalogue() {
  const { q = "", category, type } = useSearch({ from: "/shell/destinations/-/new" });
  const types = useTypes();
  if (type) {
    return (
      <Loaded query={types}>
        {({ data }) => {
          const chosen = data.find((each) => each.name === type);
          return chosen ? <SetUp key={chosen.name} type={chosen} /> : <Unknown name={type} />;
        }}
      </Loaded>
    );
  }
  return (
    <>
      <PageHeader
        title="Add a destination"
        crumbs={[{ label: "Destinations", link: { to: "/destinations" } }]}
        description="Choose where to send your events, traits and audiences."
      />
      <Loaded query={types}>{({ data }) => <Shown types={data} q={q} category={category} />}</Loaded>
    </>
  );
}

function Shown({ types, q, category }: { types: TypeShape[]; q: string; category: string | undefined }) {
  const navigate = useNavigate({ from: "/destinations/-/new" });
  const [written, setWritten] = useState(q);
  const settle = useDebouncedCallback(
    (text: string) =>
      void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true }),
    150,
  );
  const found = matchingTypes(types, written, category);
  const categories = categoriesOf(types);
  return (
    <Stack>
      <TextInput
        aria-label="Search the catalogue"
        placeholder={`Search ${types.length} destinations`}
        leftSection={<IconSearch size={16} />}
        size="md"
        value={written}
        onChange={(event) => {
          setWritten(event.currentTarget.value);
          settle(event.currentTarget.value);
        }}
        data-autofocus
        maw="36rem"
      />
      <Group gap="xs" role="group" aria-label="Category">
        <Category label="All" to={undefined} isChosen={!category} count={types.length} />
        {categories.map(([name, times]) => (
          <Category
            key={name}
            label={categoryName(name)}
            to={name}
            isChosen={category === name}
            count={times}
          />
        ))}
      </Group>
      {found.length === 0 ? (
        <Empty
          icon={IconSearch}
          title="No matching destinations"
          action={
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link to="/destinations/-/new" search={{ type: "webhook" }} {...props} />
              )}
            >
              Use a webhook
            </Button>
          }
        >
          A webhook reaches any tool that accepts HTTP requests. Developers can add destination types as
          Python packages.
        </Empty>
      ) : (
        categories
          .filter(([name]) => found.some((type) => type.category === name))
          .map(([name]) => (
            <section key={name} aria-label={categoryName(name)}>
              <Title order={2} size="h5" mb="xs">
                {categoryName(name)}
              </Title>
              <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
                {found
                  .filter((type) => type.category === name)
                  .map((type) => (
                    <TypeCard key={type.name} type={type} />
                  ))}
              </SimpleGrid>
            </section>
          ))
      )}
    </Stack>
  );
}

interface CategoryProps {
  label: string;
  to: string | undefined;
  isChosen: boolean;
  count: number;
}

function Category({ label, to, isChosen, count }: CategoryProps) {
  return (
    <UnstyledButton
      className={classes.category}
      aria-current={isChosen ? "true" : undefined}
      renderRoot={(props) => (
        <Link
          to="/destinations/-/new"
          search={(before) => ({ ...before, category: to })}
          replace
          {...props}
        />
      )}
    >
      {label} <span className={classes.count}>{count}</span>
    </UnstyledButton>
  );
}

function TypeCard({ type }: { type: TypeShape }) {
  return (
    <Card
      className={classes.card}
      p="md"
      renderRoot={(props) => <Link to="/destinations/-/new" search={{ type: type.name }} {...props} />}
    >
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Initials name={type.label} size="lg" />
        <Stack gap={4} miw={0}>
          <Text fw={600}>{type.label}</Text>
          <Text size="sm" c="dimmed" lineClamp={3}>
            {type.description}
          </Text>
          <Group gap={4} mt={4}>
            {capabilitiesOf(type).map((said) => (
              <Badge key={said} color="gray" size="sm">
                {said}
              </Badge>
            ))}
            {type.package && (
              <Badge color="violet" size="sm">
                {type.package}
              </Badge>
            )}
          </Group>
        </Stack>
      </Group>
    </Card>
  );
}

function Unknown({ name }: { name: string }) {
  return (
    <Empty icon={IconSearch} title={`${name} is not installed`}>
      The package that provides this destination type may have been removed.{" "}
      <Link to="/destinations/-/new">Browse all destinations</Link>
    </Empty>
  );
}
