/** Asks for a privacy request, after it has said in numbers what that does. */

import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { api } from "~/api/client";
import type { Answer, RegulationImpact } from "~/api/schema";
import { counted } from "~/format/format";
import { confirm } from "../confirm";
import { consequencesOf, type RegulationType, typedFor, wordsOf } from "./words";

interface Asked {
  type: RegulationType;
  userIds: string[];
  /** Called with the id of the request that was made. */
  onMade: (regulation: string) => void;
}

export function askForRegulation({ type, userIds, onMade }: Asked): void {
  const { verb, about, deletes } = wordsOf(type);
  const body = { regulationType: type, subjectType: "USER_ID", subjectIds: userIds };
  const typed = typedFor(type, userIds);
  const [only] = userIds;
  confirm({
    title: `${verb}: ${userIds.length === 1 ? `user ${only}` : counted(userIds.length, "user")}`,
    children: (
      <Text size="sm">
        {about} {deletes && "Deleted data cannot be recovered."}
      </Text>
    ),
    consequences: async () => {
      const { data } = await api.POST("/api/v1/regulations/impact", { body });
      return consequencesOf(data as RegulationImpact);
    },
    confirm: verb,
    ...(typed !== undefined && { typed }),
    destructive: type !== "UNSUPPRESS",
    act: async () => {
      const { data } = await api.POST("/api/v1/regulations", { body });
      const { regulateId } = (data as Answer).data;
      notifications.show({
        color: "green",
        title: "Request submitted",
        message: "Every system starts on it now.",
      });
      onMade(regulateId);
    },
  });
}
