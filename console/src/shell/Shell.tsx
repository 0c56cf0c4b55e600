/** The frame of every page for somebody who is signed in: menu, search, who one is. */

import { ActionIcon, AppShell, Burger, Group, Kbd, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useSession } from "~/api/session";
import { Loading } from "~/components/states";
import { Logo } from "./Logo";
import { Menu } from "./Menu";
import classes from "./Shell.module.css";
import { Unreachable } from "./Unreachable";
import { UserMenu } from "./UserMenu";

/** How its users call the key that goes with K. */
const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

const Search = lazy(() => import("./Search"));

export default function Shell() {
  const session = useSession();
  const [opened, { toggle, close }] = useDisclosure();
  const [searching, search] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [path, close]);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        search.open();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [search.open]);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 228, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", sm: "lg" }}
      classNames={{ header: classes.header, navbar: classes.navbar }}
    >
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Link to="/" className={classes.home} aria-label="Headwater, overview">
              <Logo />
              <Text span fw={700} fz="lg" visibleFrom="xs">
                Headwater
              </Text>
            </Link>
            <Text span c="dimmed" className={classes.workspace} title="Workspace">
              {session.workspace}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <UnstyledButton className={classes.search} onClick={search.open} visibleFrom="sm">
              <IconSearch size={16} aria-hidden />
              <span>Search</span>
              <Kbd size="xs">{IS_MAC ? "⌘ K" : "Ctrl K"}</Kbd>
            </UnstyledButton>
            <Tooltip label="Search">
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                hiddenFrom="sm"
                onClick={search.open}
                aria-label="Search"
              >
                <IconSearch size={18} />
              </ActionIcon>
            </Tooltip>
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Main">
        <Menu />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.page}>
          <Unreachable />
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
      {searching && (
        <Suspense fallback={null}>
          <Search onClose={search.close} />
        </Suspense>
      )}
    </AppShell>
  );
}
