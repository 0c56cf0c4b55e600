/** How one begins an audience: with nothing, or with what others begin with. */

import { Group, SimpleGrid, Text, ThemeIcon } from "@mantine/core";
import {
  IconBasketCancel,
  IconBolt,
  IconCoins,
  IconConfetti,
  IconHourglassLow,
  IconMailQuestion,
  IconPencilPlus,
  IconRepeat,
  IconTemplate,
  IconTimeline,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./Templates.module.css";
import type { Template } from "./templates";

const ICONS: Record<string, typeof IconTemplate> = {
  "repeat-buyers": IconRepeat,
  "high-value": IconCoins,
  "abandoned-cart": IconBasketCancel,
  "recently-active": IconBolt,
  "slipping-away": IconHourglassLow,
  "first-time-buyers": IconConfetti,
  leads: IconMailQuestion,
  "fast-buyers": IconTimeline,
};

export function Templates({ templates }: { templates: readonly Template[] }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      <Card
        id="blank"
        name="Start from scratch"
        about="Build your own conditions from events, traits and other audiences"
        icon={IconPencilPlus}
      />
      {templates.map(({ id, name, about }) => (
        <Card key={id} id={id} name={name} about={about} icon={ICONS[id] ?? IconTemplate} />
      ))}
    </SimpleGrid>
  );
}

interface CardProps {
  id: string;
  name: string;
  about: string;
  icon: typeof IconTemplate;
}

function Card({ id, name, about, icon: Icon }: CardProps) {
  return (
    <Link
      from="/audiences/-/new"
      to="/audiences/-/new"
      search={({ collection }) => ({ collection, template: id })}
      className={classes.card}
    >
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon size={36} variant="light" aria-hidden>
          <Icon size={20} stroke={1.6} />
        </ThemeIcon>
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {about}
          </Text>
        </div>
      </Group>
    </Link>
  );
}
