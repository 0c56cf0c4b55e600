/** Ctrl K: any page by name, any person by an id, any event by its message id. */

import { Spotlight, spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { IconFileSearch, IconUserSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { NAVIGATION } from "./navigation";

export default function Search({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  useEffect(() => spotlight.open(), []);
  const wanted = query.trim().toLowerCase();

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      maxHeight={480}
    >
      <Spotlight.Search placeholder="A page, an email or id, a message id" aria-label="Find" />
      <Spotlight.ActionsList>
        {wanted && (
          <Spotlight.ActionsGroup label="Look for">
            <Spotlight.Action
              label={`A person with “${query.trim()}”`}
              leftSection={<IconUserSearch size={18} />}
              onClick={() => void navigate({ to: "/profiles", search: { q: query.trim() } })}
            />
            <Spotlight.Action
              label={`An event with the message id “${query.trim()}”`}
              leftSection={<IconFileSearch size={18} />}
              onClick={() => void navigate({ to: "/events/$messageId", params: { messageId: query.trim() } })}
            />
          </Spotlight.ActionsGroup>
        )}
        {NAVIGATION.map(({ label, places }) => {
          const found = places.filter((place) =>
            `${place.label} ${place.about}`.toLowerCase().includes(wanted),
          );
          return found.length === 0 ? null : (
            <Spotlight.ActionsGroup key={label} label={label || "Start"}>
              {found.map((place) => (
                <Spotlight.Action
                  key={place.label}
                  label={place.label}
                  description={place.about}
                  leftSection={<place.icon size={18} />}
                  onClick={() => void navigate({ to: place.to })}
                />
              ))}
            </Spotlight.ActionsGroup>
          );
        })}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
