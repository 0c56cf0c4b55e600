/** What an admin can do about a teammate. */

import { ActionIcon, Menu } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import {
  IconDots,
  IconHistory,
  IconKey,
  IconPencil,
  IconUserCheck,
  IconUserOff,
  IconUserX,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "~/api/client";
import type { TeammateChange, TeammateLine } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { EditPerson } from "./EditPerson";
import { HandOver } from "./HandOver";

export function PersonMenu({ line, isMe }: { line: TeammateLine; isMe: boolean }) {
  const queries = useQueryClient();
  const path = { teammate_id: line.id };

  async function change(body: TeammateChange, said: string) {
    await api.PATCH("/api/v1/team/members/{teammate_id}", { params: { path }, body });
    await queries.invalidateQueries();
    notifications.show({ message: said, color: "green" });
  }

  const edit = () => {
    const id = modals.open({
      title: `Change ${line.name}`,
      size: "lg",
      children: (
        <EditPerson
          line={line}
          save={(body) => change(body, `${body.name ?? line.name} is changed.`)}
          close={() => modals.close(id)}
        />
      ),
    });
  };

  const newLink = () =>
    confirm({
      title: line.is_invited ? `Another invitation for ${line.name}` : `A new password for ${line.name}`,
      children: line.is_invited
        ? "The link you gave them before stops working."
        : "You get a link to hand over. Until it is used, the password they have stays.",
      confirm: "Make a link",
      destructive: false,
      act: async () => {
        const { data } = await api.POST("/api/v1/team/members/{teammate_id}/password-reset", {
          params: { path },
        });
        if (!data) throw new Error("an answer without a link");
        const what = line.is_invited ? "invitation" : "link for a new password";
        const id = modals.open({
          title: "Hand this over",
          size: "lg",
          children: <HandOver who={line.email} link={data} what={what} close={() => modals.close(id)} />,
        });
      },
    });

  const disable = () =>
    confirm({
      title: `Lock ${line.name} out`,
      children: "They can be let in again with the password they have.",
      consequences: async () => [
        "They are signed out everywhere, at once, and cannot sign in.",
        "What they did stays in the history. API tokens that they made go on working.",
      ],
      confirm: "Lock out",
      act: () => change({ is_disabled: true }, `${line.name} is locked out.`),
    });

  const remove = () =>
    confirm({
      title: `Remove ${line.name}`,
      children: "To let them in again you would have to invite them anew.",
      consequences: async () => [
        ...(line.is_invited
          ? ["Their invitation stops working."]
          : ["They are signed out everywhere, at once."]),
        "What they did stays in the history under their name. API tokens that they made go on working.",
      ],
      confirm: "Remove",
      typed: line.is_invited ? undefined : line.email,
      act: async () => {
        await api.DELETE("/api/v1/team/members/{teammate_id}", { params: { path } });
        await queries.invalidateQueries();
        notifications.show({ message: `${line.name} is removed.`, color: "green" });
      },
    });

  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${line.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit}>
          Change name or role
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={newLink} disabled={line.is_disabled}>
          {line.is_invited ? "Another invitation link" : "Link for a new password"}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconHistory size={16} />}
          renderRoot={(props) => <Link to="/history" search={{ tab: "log", actor: line.name }} {...props} />}
        >
          What they have changed
        </Menu.Item>
        <Menu.Divider />
        {line.is_disabled ? (
          <Menu.Item
            leftSection={<IconUserCheck size={16} />}
            onClick={() => void change({ is_disabled: false }, `${line.name} can sign in again.`)}
          >
            Let in again
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconUserOff size={16} />} onClick={disable} disabled={isMe}>
            Lock out
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconUserX size={16} />} onClick={remove} disabled={isMe}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
