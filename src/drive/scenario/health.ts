// Faults that grow: spare and endurance run out, the drive gets hot, the media turn read-only.

import { changeHealth, currentHealth, percentageUsed, restoreHealth } from "../model/health.ts";
import type { VirtualDrive } from "../drive.ts";
import type { Plugin, PluginTaps } from "../plugin/plugin.ts";
import { number, scenario, time } from "./scenario.ts";

/** Changes something step by step until it is where it shall be. */
function ramp(
  { steps, every }: { readonly steps: number; readonly every: number },
  step: (share: number) => void,
  done: () => void,
): Plugin {
  return {
    setup(taps) {
      walk(taps, { steps, every, at: 1 }, step);
    },
    teardown: done,
  };
}

function walk(
  taps: PluginTaps,
  { steps, every, at }: { readonly steps: number; readonly every: number; readonly at: number },
  step: (share: number) => void,
): void {
  step(at / steps);
  if (at < steps) taps.after(every, () => walk(taps, { steps, every, at: at + 1 }, step));
}

const STEPS = {
  steps: number("In how many steps", { initial: 10, min: 1, max: 10_000 }),
  every: time("How long between two steps", 1000),
};

/** Tells hosts at once: they hear of warnings without asking. */
function settled(drive: VirtualDrive, change: Parameters<typeof changeHealth>[1]): void {
  changeHealth(drive, change);
  drive.settle();
}

export const spareDrain = scenario({
  name: "spare-drain",
  summary: "The available spare falls below its threshold",
  effect: "health turns critical; an event of SMART, where the host asked for those",
  parameters: {
    ...STEPS,
    percent: number("Where it ends", { initial: 3, max: 100 }),
  },
  create: ({ steps, every, percent }, drive) => {
    const { spare } = currentHealth(drive);
    return ramp(
      { steps, every },
      (share) => settled(drive, { spare: Math.round(spare + (percent - spare) * share) }),
      () => restoreHealth(drive, ["spare"]),
    );
  },
});

export const wearOut = scenario({
  name: "wear-out",
  summary: "The endurance is used up",
  effect: "percentage used climbs beyond 100; health warns",
  parameters: {
    ...STEPS,
    percent: number("Percentage points more", { initial: 110, min: 1, max: 255 }),
  },
  create: ({ steps, every, percent }, drive) => {
    const before = percentageUsed(drive);
    return ramp(
      { steps, every },
      (share) => settled(drive, { percentageUsed: before + Math.round(percent * share) }),
      () => restoreHealth(drive, ["percentageUsed"]),
    );
  },
});

export const thermalRamp = scenario({
  name: "thermal-ramp",
  summary: "The drive gets hotter, past its warning and critical temperatures",
  effect: "hwmon temp1 climbs; health warns; the minutes above the thresholds count",
  parameters: {
    ...STEPS,
    kelvins: number("How much hotter", { initial: 50, min: 1, max: 200 }),
  },
  create: ({ steps, every, kelvins }, drive) =>
    ramp(
      { steps, every },
      (share) => settled(drive, { heatK: Math.round(kelvins * share) }),
      () => restoreHealth(drive, ["heatK"]),
    ),
});

export const readOnlyMedia = scenario({
  name: "read-only-media",
  summary: "The drive makes its media read-only and says so in its health",
  effect: "writes fail with sct 0x1/sc 0x82; critical warning bit 3",
  parameters: { time: time("For how long", 3_600_000) },
  create: (values, drive) => ({
    setup(taps) {
      settled(drive, { readOnly: true });
      taps.after(values.time, () => settled(drive, { readOnly: false }));
    },
    teardown: () => restoreHealth(drive, ["readOnly"]),
  }),
});

export const degraded = scenario({
  name: "degraded",
  summary: "Reliability is degraded: media errors climb",
  effect: "critical warning bit 2; media errors in the health log",
  parameters: {
    ...STEPS,
    errors: number("Media errors more, which stay counted when it is over", {
      initial: 100,
      min: 1,
      max: 1_000_000,
    }),
  },
  create: ({ steps, every, errors }, drive) => {
    let counted = 0;
    return ramp(
      { steps, every },
      (share) => {
        const mediaErrors = Math.round(errors * share) - counted;
        counted += mediaErrors;
        settled(drive, { degraded: true, mediaErrors });
      },
      () => restoreHealth(drive, ["degraded"]),
    );
  },
});
