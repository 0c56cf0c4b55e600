/** Colours, type and shapes. Contrast is at least 4.5 : 1 for text in both schemes, which Mantine's own greys miss. */

import {
  type CSSVariablesResolver,
  createTheme,
  DEFAULT_THEME,
  type MantineColorsTuple,
} from "@mantine/core";

const water: MantineColorsTuple = [
  "#e6f7fb",
  "#d0ebf2",
  "#a3d6e4",
  "#72c0d6",
  "#4bacc9",
  "#329fc0",
  "#1f8fb0",
  "#0f7795",
  "#0b647e",
  "#064f65",
];

const slate: MantineColorsTuple = [
  "#e8edf2",
  "#c6d0d9",
  "#a5b3bf",
  "#7c8b99",
  "#465461",
  "#35434f",
  "#283540",
  "#1d2830",
  "#151d24",
  "#0e151a",
];

/** Icons alone need a name. */
const CLOSE = { "aria-label": "Close" };

export const theme = createTheme({
  primaryColor: "water",
  primaryShade: { light: 7, dark: 7 },
  colors: { water, dark: slate },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  // Between that of a page to read and that of a tool: much of the console is lists.
  fontSizes: { md: "0.9375rem" },
  defaultRadius: "md",
  cursorType: "pointer",
  headings: { fontWeight: "650" },
  components: {
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } },
    },
    Modal: {
      defaultProps: {
        closeButtonProps: CLOSE,
        centered: true,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
    },
    // What stands between the menu and its entries for the focus is no entry, and a menu has nothing else.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Paper: { defaultProps: { withBorder: true, radius: "md" } },
    Card: { defaultProps: { withBorder: true, radius: "md" } },
    Table: { defaultProps: { verticalSpacing: "sm", highlightOnHover: true } },
    Skeleton: { defaultProps: { radius: "sm" } },
    // Its label says what is waited for, and a mere <span> may have none.
    Loader: { defaultProps: { role: "status" } },
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none" } },
    Tabs: { defaultProps: { keepMounted: false } },
    // What is folded away asks nothing, and says of nothing that it is loading.
    Accordion: { defaultProps: { keepMounted: false } },
    Drawer: { defaultProps: { closeButtonProps: CLOSE, position: "right", size: "xl" } },
  },
});

const TINTED = [
  "water",
  "gray",
  "red",
  "pink",
  "grape",
  "violet",
  "indigo",
  "blue",
  "cyan",
  "teal",
  "green",
  "lime",
  "yellow",
  "orange",
];

/** White on Mantine's own red is 3.8 : 1, and so is that red on white in a menu. */
const RED = { "--mantine-color-red-filled": "#c92a2a", "--mantine-color-red-filled-hover": "#b02525" };

export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#55616d",
    "--mantine-color-placeholder": "#66727e",
    "--mantine-color-error": "#c0262d",
    "--mantine-color-red-6": "#c0262d",
    "--mantine-color-anchor": water[8],
    "--hw-ground": "#f5f8fa",
    "--hw-raised": "#ffffff",
    "--hw-line": "#dde4ea",
    ...RED,
    ...tinted((name) => darker(shades(name)[9])),
    // The darkest shade of these is too light for its own tint.
    "--mantine-color-teal-light-color": "#076a4c",
    "--mantine-color-green-light-color": "#1f6b2d",
    "--mantine-color-lime-light-color": "#41690a",
    "--mantine-color-yellow-light-color": "#855200",
    "--mantine-color-orange-light-color": "#a33606",
  },
  dark: {
    "--mantine-color-body": slate[8],
    "--mantine-color-dimmed": slate[2],
    "--mantine-color-placeholder": slate[2],
    "--mantine-color-error": "#ff8f8f",
    "--mantine-color-red-6": "#ff8f8f",
    "--mantine-color-anchor": water[3],
    "--hw-ground": slate[9],
    "--hw-raised": slate[8],
    "--hw-line": slate[6],
    ...RED,
    ...tinted((name) => shades(name)[2]),
  },
});

function tinted(shade: (name: string) => string): Record<string, string> {
  return Object.fromEntries(TINTED.map((name) => [`--mantine-color-${name}-light-color`, shade(name)]));
}

/** The darkest shades of yellow and orange are too light for text on their own tint. */
const DARKER = 0.72;

function darker(hex: string): string {
  const channels = [1, 3, 5].map((at) => Math.round(Number.parseInt(hex.slice(at, at + 2), 16) * DARKER));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function shades(name: string): MantineColorsTuple {
  return name === "water" ? water : (DEFAULT_THEME.colors[name] as MantineColorsTuple);
}
