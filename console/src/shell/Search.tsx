/** Ctrl K: any page or item of the workspace by name, any person by an id, any event by its message id. */

import { createSpotlight, Spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { IconFileSearch, IconUserSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { KIND_ICONS, NAVIGATION } from "./navigation";
import { useItems } from "./useItems";

const ITEMS_SHOWN = 8;

const [store, { open }] = createSpotlight();

export default function Search({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  const items = useItems();
  useEffect(() => open(), []);
  const wanted = query.trim().toLowerCase();
  const fits = (...texts: string[]) => texts.join(" ").toLowerCase().includes(wanted);
  const named = wanted ? items.filter(({ name, about }) => fits(name, about)).slice(0, ITEMS_SHOWN) : [];
  const list = useRef<HTMLDivElement>(null);
  const first = named[0]?.name;
  useEffect(() => {
    if (first !== undefined) markFirst(list.current);
  }, [first]);

  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      attributes={{ content: { "aria-label": "Search" } }}
      shortcut={null}
      scrollable
      maxHeight={480}
      centered={false}
      yOffset="12vh"
      overlayProps={{ backgroundOpacity: 0.45, blur: 2 }}
    >
      <Spotlight.Search placeholder="Search pages, audiences, people, events…" aria-label="Search" />
      <Spotlight.ActionsList ref={list}>
        {NAVIGATION.map(({ label, places }) => {
          const found = places.filter((place) => fits(place.label, place.about));
          return found.length === 0 ? null : (
            <Spotlight.ActionsGroup key={label} label={label || "Home"}>
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
        {named.length > 0 && (
          <Spotlight.ActionsGroup label="In this workspace">
            {named.map(({ name, about, kind, link }) => {
              const Icon = KIND_ICONS[kind];
              return (
                <Spotlight.Action
                  key={`${kind} ${about} ${name}`}
                  label={name}
                  description={[kind, about !== name && about].filter(Boolean).join(" · ")}
                  leftSection={Icon && <Icon size={18} />}
                  onClick={() => void navigate(link)}
                />
              );
            })}
          </Spotlight.ActionsGroup>
        )}
        {wanted && (
          <Spotlight.ActionsGroup label="Look up">
            <Spotlight.Action
              label={`People matching “${query.trim()}”`}
              description="By user id, email or any other identifier"
              leftSection={<IconUserSearch size={18} />}
              onClick={() => void navigate({ to: "/profiles", search: { q: query.trim() } })}
            />
            <Spotlight.Action
              label={`Event with message id “${query.trim()}”`}
              description="Its trace through every stage"
              leftSection={<IconFileSearch size={18} />}
              onClick={() => void navigate({ to: "/events/$messageId", params: { messageId: query.trim() } })}
            />
          </Spotlight.ActionsGroup>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/**
 * Spotlight marks what enter opens when a key is typed. Items that arrive later stand before what it marked, and enter
 * must mean the first that one sees.
 */
function markFirst(list: HTMLElement | null) {
  list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
  list?.querySelector("[data-action]")?.setAttribute("data-selected", "true");
  store.updateState((state) => ({ ...state, selected: 0 }));
}
