// The verdict on a drive's health, with its reasons in words. Pure: the SMART page and what
// Identify says of the drive's own limits go in, a judgement comes out.

import { celsius, formatCount, hours } from "../layout/mod.ts";
import type { SmartLog } from "../spec/log/smart.ts";

/** How a drive is. `impossible` means that the page cannot be true, so nothing is known. */
export type Verdict = "good" | "warning" | "critical" | "impossible";

/** One reason for a verdict. */
export interface Reason {
  readonly severity: Exclude<Verdict, "good">;
  readonly text: string;
  /** Set where cooling the drive down, not replacing it, is the remedy. */
  readonly temperature?: true;
}

/** The drive's own temperature limits in kelvin; zero where it has none. */
export interface TemperatureLimits {
  readonly wctemp: number;
  readonly cctemp: number;
}

/** A judgement. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The worst first. */
  readonly reasons: readonly Reason[];
}

/** What each bit of the critical warning means for the data, in words. */
const CRITICAL_WARNINGS: Readonly<
  Record<Exclude<keyof SmartLog["criticalWarning"], "value">, string>
> = {
  availableSpare: "the drive says that its spare capacity is below the threshold",
  temperature: "the drive says that a temperature is outside its limits",
  reliability: "the drive says that its reliability is degraded by media or internal errors",
  readOnly: "the drive has made all its media read-only",
  volatileBackup: "the backup of the drive's volatile memory has failed: a power loss loses data",
  persistentMemory: "the persistent memory region has become read-only or unreliable",
};

/** The same of single endurance groups, where a drive has several and sums them up. */
const ENDURANCE_GROUP_WARNINGS: Readonly<
  Record<Exclude<keyof SmartLog["enduranceGroupCriticalWarning"], "value">, string>
> = {
  availableSpare: "the spare capacity of an endurance group is below its threshold",
  reliability: "the reliability of an endurance group is degraded by media or internal errors",
  readOnly: "the drive has made an endurance group read-only",
};

/** Temperatures between which a working sensor can be, in kelvin. */
const PLAUSIBLE_KELVIN = { min: 200, max: 450 } as const;
const SEVERITIES: readonly Verdict[] = ["good", "warning", "critical", "impossible"];

/** Judges a SMART page by the drive's own limits. */
export function judge(smart: SmartLog, limits: TemperatureLimits): Judgement {
  const impossible = impossibilities(smart);
  const reasons = impossible.length > 0
    ? impossible
    : [...warnings(smart), ...wear(smart), ...temperature(smart, limits)];
  const sorted = reasons.toSorted((one, other) =>
    SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity)
  );
  return { verdict: sorted[0]?.severity ?? "good", reasons: sorted };
}

function impossibilities(smart: SmartLog): readonly Reason[] {
  const severity = "impossible";
  const blank = smart.compositeTemperature === 0 && smart.availableSpare === 0 &&
    smart.availableSpareThreshold === 0 && smart.powerCycles === 0n && smart.powerOnHours === 0n &&
    smart.dataUnitsRead === 0n && smart.dataUnitsWritten === 0n;
  if (blank) {
    return [{
      severity,
      text: "the page is all zeros: no drive is at -273 °C and has never been switched on",
    }];
  }
  const reasons: Reason[] = [];
  const { compositeTemperature: now, availableSpare } = smart;
  // Zero is how drives without a sensor answer; it is no temperature, but no nonsense either.
  if (now !== 0 && (now < PLAUSIBLE_KELVIN.min || now > PLAUSIBLE_KELVIN.max)) {
    reasons.push({ severity, text: `the temperature reads ${celsius(now)} °C, which cannot be` });
  }
  if (availableSpare > 100) {
    reasons.push({
      severity,
      text: `the available spare reads ${availableSpare} %, of at most 100`,
    });
  }
  if (smart.powerOnHours > 1_000_000n) {
    reasons.push({
      severity,
      text: `the power-on time reads ${hours.text(smart.powerOnHours)}, over a century`,
    });
  }
  return reasons;
}

function warnings({ criticalWarning, enduranceGroupCriticalWarning }: SmartLog): readonly Reason[] {
  const { availableSpare, reliability, readOnly } = enduranceGroupCriticalWarning;
  // What the drive says of itself it need not say of a part of it again.
  const ofGroups = {
    availableSpare: availableSpare && !criticalWarning.availableSpare,
    reliability: reliability && !criticalWarning.reliability,
    readOnly: readOnly && !criticalWarning.readOnly,
  };
  const reasons: Reason[] = [
    ...raised(criticalWarning, CRITICAL_WARNINGS),
    ...raised(ofGroups, ENDURANCE_GROUP_WARNINGS),
  ];
  const unnamed = criticalWarning.value & 0xc0;
  if (unnamed !== 0) {
    reasons.push({
      severity: "critical",
      text: `the drive raises a critical warning that is not known here (bits 0x${
        unnamed.toString(16)
      })`,
    });
  }
  return reasons;
}

function raised<B extends string>(
  word: Readonly<Record<B, boolean>>,
  texts: Readonly<Record<B, string>>,
): readonly Reason[] {
  return (Object.entries(texts) as [B, string][])
    .filter(([bit]) => word[bit])
    .map(([bit, text]) => ({
      severity: "critical",
      text,
      ...(bit === "temperature" ? { temperature: true } : {}),
    }));
}

function wear(smart: SmartLog): readonly Reason[] {
  const reasons: Reason[] = [];
  const { availableSpare: spare, availableSpareThreshold: threshold, percentageUsed } = smart;
  if (spare < threshold) {
    reasons.push({
      severity: "critical",
      text: `available spare is ${spare} %, below the drive's threshold of ${threshold} %`,
    });
  } else if (threshold > 0 && spare < 100 && spare - threshold <= 5) {
    reasons.push({
      severity: "warning",
      text: `available spare is ${spare} %, close to the drive's threshold of ${threshold} %`,
    });
  }
  if (percentageUsed >= 100) {
    reasons.push({
      severity: "warning",
      text: `${
        percentageUsed === 255 ? "more than 254" : percentageUsed
      } % of the rated life is used: the drive may go on, its maker no longer promises it`,
    });
  } else if (percentageUsed >= 90) {
    reasons.push({ severity: "warning", text: `${percentageUsed} % of the rated life is used` });
  }
  if (smart.mediaErrors > 0n) {
    const times = smart.mediaErrors === 1n ? "once" : `${formatCount(smart.mediaErrors)} times`;
    reasons.push({ severity: "warning", text: `data could not be recovered ${times} so far` });
  }
  return reasons;
}

function temperature(
  { compositeTemperature: now }: SmartLog,
  { wctemp, cctemp }: TemperatureLimits,
): readonly Reason[] {
  if (cctemp !== 0 && now >= cctemp) {
    return [{
      severity: "critical",
      text: `the temperature is ${celsius(now)} °C, the drive's critical limit is ${
        celsius(cctemp)
      } °C`,
      temperature: true,
    }];
  }
  if (wctemp !== 0 && now >= wctemp) {
    return [{
      severity: "warning",
      text: `the temperature is ${celsius(now)} °C, the drive's warning limit is ${
        celsius(wctemp)
      } °C`,
      temperature: true,
    }];
  }
  return [];
}
