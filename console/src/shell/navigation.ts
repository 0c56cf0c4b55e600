/** The pages one can go to, in the order of an event's path. The menu and the search both read this. */

import {
  IconActivity,
  IconAdjustments,
  IconArrowsExchange,
  IconBroadcast,
  IconCertificate,
  IconDatabaseSearch,
  IconFilterCog,
  IconFingerprint,
  IconFlag,
  IconHistory,
  IconHomeStats,
  IconMailOff,
  IconPlugConnected,
  IconRepeat,
  IconShieldLock,
  IconTargetArrow,
  IconUser,
  IconUsersGroup,
  IconVariable,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";
import type { ComponentType } from "react";

export interface Place {
  label: string;
  /** What one finds there, for the search. */
  about: string;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  to: NonNullable<LinkProps["to"]>;
}

export interface PlaceGroup {
  label: string;
  places: Place[];
}

export const NAVIGATION: PlaceGroup[] = [
  {
    label: "",
    places: [
      { label: "Overview", about: "Rates, latency, and what needs attention", icon: IconHomeStats, to: "/" },
    ],
  },
  {
    label: "Collect",
    places: [
      {
        label: "Sources",
        about: "Websites, apps and servers that send events",
        icon: IconBroadcast,
        to: "/sources",
      },
      { label: "Live debugger", about: "Events as they arrive", icon: IconActivity, to: "/debugger" },
      {
        label: "Tracking plans",
        about: "Which events to expect, and how they should look",
        icon: IconCertificate,
        to: "/tracking-plans",
      },
      {
        label: "Transformations",
        about: "Rules that change events on their way",
        icon: IconFilterCog,
        to: "/transformations",
      },
    ],
  },
  {
    label: "Unify",
    places: [
      { label: "Profiles", about: "People and accounts", icon: IconUser, to: "/profiles" },
      {
        label: "Identities",
        about: "Quarantine and likely duplicates",
        icon: IconFingerprint,
        to: "/identities",
      },
      { label: "Traits", about: "Values computed from events", icon: IconVariable, to: "/traits" },
      {
        label: "Audiences",
        about: "Groups of people that stay up to date",
        icon: IconTargetArrow,
        to: "/audiences",
      },
    ],
  },
  {
    label: "Deliver",
    places: [
      {
        label: "Destinations",
        about: "Tools that receive events and audiences",
        icon: IconPlugConnected,
        to: "/destinations",
      },
      {
        label: "Deliveries",
        about: "A receipt for every event and destination",
        icon: IconArrowsExchange,
        to: "/deliveries",
      },
      { label: "Replays", about: "Send past events again", icon: IconRepeat, to: "/replays" },
    ],
  },
  {
    label: "Operate",
    places: [
      {
        label: "Dead letters",
        about: "Failed events that wait for a decision",
        icon: IconMailOff,
        to: "/dead-letters",
      },
      { label: "Privacy", about: "Deletions and suppressions", icon: IconShieldLock, to: "/privacy" },
      { label: "SQL", about: "Query every event in the lake", icon: IconDatabaseSearch, to: "/sql" },
      { label: "History", about: "Who changed what, and how to undo it", icon: IconHistory, to: "/history" },
      { label: "Team", about: "Teammates, roles and API tokens", icon: IconUsersGroup, to: "/team" },
      { label: "Flags", about: "Turn features on and off", icon: IconFlag, to: "/flags" },
      {
        label: "Settings",
        about: "Retention, deduplication, identity rules, Profile API",
        icon: IconAdjustments,
        to: "/settings",
      },
    ],
  },
];

/** What the search finds beside pages. */
export const KIND_ICONS: Record<string, Place["icon"]> = {
  Source: IconBroadcast,
  Destination: IconPlugConnected,
  "Tracking plan": IconCertificate,
  Audience: IconTargetArrow,
  Trait: IconVariable,
};
