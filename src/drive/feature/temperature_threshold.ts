// Feature 04h: the temperatures at which the drive warns.

import { GENERIC } from "../../spec/status/generic.ts";
import type { Personality } from "../personality.ts";
import { inDword, refuse } from "../refusal.ts";
import type { WordFeature } from "./feature.ts";

const COMPOSITE = 0;
/** Temperature sensors are 1 to 8. */
const ALL_SENSORS = 0xf;
const OVER = 0;
const UNDER = 1;
/** A threshold that no temperature reaches. */
const NEVER_OVER = 0xffff;

/** The slot of the over or under temperature threshold of a sensor; sensor 0 is the composite. */
export function thresholdSlot(direction: "over" | "under", sensor: number): string {
  return `${direction}.${sensor}`;
}

/** Temperature Threshold [BASE-2.1 §5.1.25.1.3]. */
export const TemperatureThreshold: WordFeature = {
  kind: "word",
  fid: 0x04,
  scope: "controller",
  saveable: true,
  slots({ personality }, cdw11, access) {
    const sensor = (cdw11 >>> 16) & 0xf;
    const select = (cdw11 >>> 20) & 0x3;
    if (select !== OVER && select !== UNDER) {
      refuse(GENERIC.invalidField, { location: inDword(11, 20) });
    }
    const direction = select === OVER ? "over" : "under";
    const sensors = personality.health.sensorOffsetsK.length;
    if (sensor === ALL_SENSORS && access === "set") {
      return Array.from({ length: sensors + 1 }, (_, at) => thresholdSlot(direction, at));
    }
    if (sensor > sensors) refuse(GENERIC.invalidField, { location: inDword(11, 16) });
    return [thresholdSlot(direction, sensor)];
  },
  initial: (personality, slot) => initialThreshold(personality, slot),
  accept: (_machine, cdw11) => cdw11 & 0xffff,
};

/** Without a threshold of its own making, the composite temperature warns at WCTEMP. */
function initialThreshold({ health }: Personality, slot: string): number {
  const [direction, sensor] = slot.split(".");
  if (direction === "under") return 0;
  return Number(sensor) === COMPOSITE && health.warningK > 0 ? health.warningK : NEVER_OVER;
}
