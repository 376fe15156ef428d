// A controller's power states as a table.

import { tableBlock } from "../cli/present.ts";
import { type Block, heading } from "../cli/report.ts";
import { type IdentifyController, powerStates } from "../spec/identify/identify_controller.ts";
import { PowerStateDescriptor } from "../spec/identify/power_state.ts";

const COLUMNS = [
  ["power", "Maximum power"],
  ["enlat", "Entry latency"],
  ["exlat", "Exit latency"],
  ["idle", "Idle power"],
  ["active", "Active power"],
  ["powerLoss", "Power loss times"],
] as const;

/** The power states; columns that no state reports anything in are left out. */
export function powerStateBlocks(controller: IdentifyController): readonly Block[] {
  const states = powerStates(controller);
  const texts = states.map((state) =>
    new Map(PowerStateDescriptor.fields(state).map(({ row, text }) => [row.name, text]))
  );
  const columns = COLUMNS.filter(([name]) =>
    texts.some((state) => state.get(name) !== "not reported")
  );
  const rows = states.map(({ relative: { rrt, rrl, rwt, rwl } }, at) => [
    `${at}`,
    ...columns.map(([name]) => texts[at]?.get(name) ?? ""),
    `${rrt} ${rrl} ${rwt} ${rwl}`,
  ]);
  const titles = columns.map(([, title]) => title);
  return [
    heading("Power states (rank among them, 0 best: read throughput and latency, then write)"),
    tableBlock({ columns: ["State", ...titles, "Rank"], rows }),
  ];
}
