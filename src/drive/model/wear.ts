// What happened to the drive's health here, beyond what hosts did: wear, heat, defects.

/** How heavily the drive slows down to stay cool [BASE-2.1 §8.1.17.5]. */
export type Throttle = "none" | "light" | "heavy";

/** What became of the drive's health; what is left out is as the personality has it. */
export interface Wear {
  /** Percent. */
  spare?: number;
  /** Percentage points of the endurance beyond what is written. */
  extraPercentageUsed: number;
  extraMediaErrors: number;
  readOnly?: boolean;
  degraded?: boolean;
  /** Kelvins above what is usual for the drive. */
  heatK: number;
  /** Until when the times below are counted, and the times, in milliseconds. */
  countedUntil: number;
  warningMs: number;
  criticalMs: number;
  throttle: Throttle;
  /** How often, and for how long, the drive slowed down. */
  lightTransitions: number;
  heavyTransitions: number;
  lightMs: number;
  heavyMs: number;
}

/** The wear of a drive that nothing has happened to. */
export function initialWear(now: number): Wear {
  return {
    extraPercentageUsed: 0,
    extraMediaErrors: 0,
    heatK: 0,
    countedUntil: now,
    warningMs: 0,
    criticalMs: 0,
    throttle: "none",
    lightTransitions: 0,
    heavyTransitions: 0,
    lightMs: 0,
    heavyMs: 0,
  };
}
