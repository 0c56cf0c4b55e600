/** The last 24 hours of something as a line. For screen readers it says the most there was. */

import { Sparkline } from "~/components/Sparkline";
import { count } from "~/format/format";

export function Hours({ points, label }: { points: readonly number[]; label: string }) {
  const most = count(Math.max(...points, 0));
  return <Sparkline points={points} height={24} label={`${label}, last 24 hours: at most ${most} an hour`} />;
}
