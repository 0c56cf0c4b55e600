/** The menu on the left. */

import { NavLink, ScrollArea, Text } from "@mantine/core";
import { Link, useMatchRoute } from "@tanstack/react-router";
import classes from "./Menu.module.css";
import { NAVIGATION, type Place } from "./navigation";

export function Menu() {
  return (
    <ScrollArea type="scroll" className={classes.menu}>
      {NAVIGATION.map((group) => (
        <div key={group.label} className={classes.group}>
          {group.label && (
            <Text size="xs" fw={600} c="dimmed" px="sm" mb={2}>
              {group.label}
            </Text>
          )}
          {group.places.map((place) => (
            <MenuLink key={place.label} place={place} />
          ))}
        </div>
      ))}
    </ScrollArea>
  );
}

function MenuLink({ place }: { place: Place }) {
  const isHere = Boolean(useMatchRoute()({ to: place.to, fuzzy: place.to !== "/" }));
  return (
    <NavLink
      renderRoot={(props) => <Link to={place.to} {...props} aria-current={isHere ? "page" : undefined} />}
      label={place.label}
      leftSection={<place.icon size={18} stroke={1.7} />}
      active={isHere}
      className={classes.link}
    />
  );
}
