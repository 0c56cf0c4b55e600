/** How the plan has become what it is. */

import { ItemVersions } from "~/components/ItemVersions";
import { usePlan } from "./context";

export function VersionsTab() {
  const { detail, discard } = usePlan();
  return <ItemVersions section="tracking_plans" name={detail.name} noun="plan" onRolledBack={discard} />;
}
