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
  IconInbox,
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
      { label: "Overview", about: "Rates, latency, what needs attention", icon: IconHomeStats, to: "/" },
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
        about: "What events should look like",
        icon: IconCertificate,
        to: "/tracking-plans",
      },
      {
        label: "Transformations",
        about: "Rules that change events",
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
        about: "Groups of people that keep themselves up to date",
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
        about: "Tools that get events and audiences",
        icon: IconPlugConnected,
        to: "/destinations",
      },
      {
        label: "Deliveries",
        about: "A receipt for every event and destination",
        icon: IconArrowsExchange,
        to: "/deliveries",
      },
      { label: "Replays", about: "Send what was collected once more", icon: IconRepeat, to: "/replays" },
    ],
  },
  {
    label: "Operate",
    places: [
      {
        label: "Dead letters",
        about: "Events that failed and wait for a decision",
        icon: IconMailOff,
        to: "/dead-letters",
      },
      { label: "Privacy", about: "Deletions and suppressions", icon: IconShieldLock, to: "/privacy" },
      { label: "SQL", about: "Ask the lake", icon: IconDatabaseSearch, to: "/sql" },
      { label: "History", about: "Who changed what, and the way back", icon: IconHistory, to: "/history" },
      { label: "Team", about: "People and tokens", icon: IconUsersGroup, to: "/team" },
      { label: "Flags", about: "Flags and gates", icon: IconFlag, to: "/flags" },
      {
        label: "Settings",
        about: "Retention, windows, identity rules",
        icon: IconAdjustments,
        to: "/settings",
      },
    ],
  },
];

export const EVENT_ICON = IconInbox;
