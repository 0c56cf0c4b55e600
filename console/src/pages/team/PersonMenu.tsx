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
      title: `Edit ${line.name}`,
      size: "lg",
      children: (
        <EditPerson
          line={line}
          save={(body) => change(body, `${body.name ?? line.name} has been updated.`)}
          close={() => modals.close(id)}
        />
      ),
    });
  };

  const newLink = () =>
    confirm({
      title: line.is_invited ? `New invitation link for ${line.name}` : `Reset the password of ${line.name}`,
      children: line.is_invited
        ? "The link you sent before stops working."
        : "You get a link to send them. Their current password works until they use it.",
      confirm: "Create link",
      destructive: false,
      act: async () => {
        const { data } = await api.POST("/api/v1/team/members/{teammate_id}/password-reset", {
          params: { path },
        });
        if (!data) throw new Error("an answer without a link");
        const what = line.is_invited ? "invitation" : "password reset";
        const id = modals.open({
          title: "Share this link",
          size: "lg",
          children: <HandOver who={line.email} link={data} what={what} close={() => modals.close(id)} />,
        });
      },
    });

  const disable = () =>
    confirm({
      title: `Disable ${line.name}`,
      children: "You can enable them again at any time; their password stays.",
      consequences: async () => [
        "They are signed out everywhere at once, and cannot sign in.",
        "Their changes stay in the history. API tokens they created keep working.",
      ],
      confirm: "Disable",
      act: () => change({ is_disabled: true }, `${line.name} has been disabled.`),
    });

  const remove = () =>
    confirm({
      title: `Remove ${line.name}`,
      children: "To bring them back, you have to invite them again.",
      consequences: async () => [
        ...(line.is_invited
          ? ["Their invitation stops working."]
          : ["They are signed out everywhere at once."]),
        "Their changes stay in the history under their name. API tokens they created keep working.",
      ],
      confirm: "Remove",
      typed: line.is_invited ? undefined : line.email,
      act: async () => {
        await api.DELETE("/api/v1/team/members/{teammate_id}", { params: { path } });
        await queries.invalidateQueries();
        notifications.show({ message: `${line.name} has been removed.`, color: "green" });
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
          Edit name and role
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={newLink} disabled={line.is_disabled}>
          {line.is_invited ? "New invitation link" : "Reset password"}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconHistory size={16} />}
          renderRoot={(props) => <Link to="/history" search={{ tab: "log", actor: line.name }} {...props} />}
        >
          View activity
        </Menu.Item>
        <Menu.Divider />
        {line.is_disabled ? (
          <Menu.Item
            leftSection={<IconUserCheck size={16} />}
            onClick={() => void change({ is_disabled: false }, `${line.name} can sign in again.`)}
          >
            Enable
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconUserOff size={16} />} onClick={disable} disabled={isMe}>
            Disable
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconUserX size={16} />} onClick={remove} disabled={isMe}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
