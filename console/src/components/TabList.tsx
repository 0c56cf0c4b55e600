/** The tabs of a page in one line, however narrow it is: they scroll. */

import { Tabs, type TabsListProps } from "@mantine/core";

export function TabList(props: TabsListProps) {
  return <Tabs.List {...props} style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }} />;
}
