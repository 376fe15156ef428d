// What stands between a verb and somebody's data: what would be lost, who uses it, and a serial
// number typed by a person or given exactly.

import type { Drive } from "../controller/drive.ts";
import { identifyController, identifyNamespace, namespaceList } from "../controller/identify.ts";
import { interrupted, SafetyError, UsageError } from "../errors.ts";
import { formatBytes } from "../layout/mod.ts";
import { currentFormat } from "../spec/identify/identify_namespace.ts";
import type { DestroyPlan } from "./command.ts";
import { escapeHostile } from "./render.ts";
import type { Streams } from "./streams.ts";

/** Something that uses a namespace on this machine. */
export interface Use {
  /** `/dev/nvme0n1p2 is mounted at /home (ext4)`. */
  readonly text: string;
  /** Whether it forbids destroying the namespace; a partition table alone does not. */
  readonly blocking: boolean;
}

/** What the machine knows about who uses a drive. */
export interface Guard {
  /** Who uses these namespaces now. */
  uses(namespaces: DestroyPlan["namespaces"]): readonly Use[] | Promise<readonly Use[]>;
  /**
   * Holds the namespaces' block devices so that nobody can begin to use them; SafetyError if held.
   */
  claim(namespaces: DestroyPlan["namespaces"]): Disposable;
}

/** What the user said beforehand. */
export interface Consent {
  /** Whether the target was typed, not guessed. */
  readonly named: boolean;
  readonly yes: boolean;
  readonly serial: string | undefined;
  readonly dryRun: boolean;
  /** Hears, in a dry run, for what reasons the real run would be refused. */
  readonly refused?: (reasons: readonly string[]) => void;
}

/** How the user is asked. */
export interface Asking {
  readonly guard: Guard;
  readonly consent: Consent;
  readonly streams: Streams;
  /** Ends the question, where signals do not end the program by themselves. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns only when the plan may be carried out; until the result is disposed of, the namespaces
 * are held. Throws UsageError when the target was guessed, SafetyError for every other reason.
 */
export async function confirmDestroy(
  plan: DestroyPlan,
  { guard, consent, streams, signal }: Asking,
): Promise<Disposable> {
  if (!consent.named) {
    throw new UsageError(
      `Cannot ${
        lower(plan.action)
      }: no drive was named, and one that may lose data is never guessed`,
      { next: `nvmectl list shows the drives; name ${plan.drive.target} if it is that one` },
    );
  }
  await checkTarget(plan);
  const { sn, mn, tnvmcap } = await identifyController(plan.drive);
  const uses = await guard.uses(plan.namespaces);
  const say = (text: string): void => streams.stderr.write(`${escapeHostile(text)}\n`);
  say(`${plan.action}`);
  say(`  drive     ${plan.drive.target}`);
  say(`  model     ${mn}`);
  say(`  serial    ${sn}`);
  say(`  capacity  ${formatBytes(tnvmcap > 0n ? tnvmcap : await summedCapacity(plan.drive))}`);
  for (const use of uses) say(`  ${use.blocking ? "IN USE" : "note  "}    ${use.text}`);
  const blocking = plan.whileInUse ? [] : uses.filter((use) => use.blocking);
  if (consent.dryRun) {
    consent.refused?.(blocking.map(({ text }) => text));
    return noClaim();
  }
  if (blocking.length > 0) {
    throw new SafetyError(
      `Cannot ${lower(plan.action)}: it is in use: ${blocking.map(({ text }) => text).join("; ")}`,
      { next: "unmount it, or stop what uses it, and run the command again; nothing was sent" },
    );
  }
  const claim = plan.whileInUse ? noClaim() : guard.claim(plan.namespaces);
  try {
    await demandSerial(sn.trim(), { plan, consent, streams, signal });
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
  return claim;
}

/** A target that names one namespace is no consent to lose others. */
async function checkTarget({ drive, namespaces, action }: DestroyPlan): Promise<void> {
  const { nsid } = drive;
  if (nsid === undefined) return;
  const affected = namespaces === "all" ? await namespaceList(drive) : namespaces;
  if (affected.every((one) => one === nsid)) return;
  throw new UsageError(
    `Cannot ${lower(action)}: ${drive.target} names namespace ${nsid} only`,
    { next: "name the controller, such as /dev/nvme0, for anything else of the drive" },
  );
}

/** The capacity of a drive that does not report its own: what its active namespaces add up to. */
async function summedCapacity(drive: Drive): Promise<bigint> {
  let bytes = 0n;
  for (const nsid of await namespaceList(drive)) {
    const namespace = await identifyNamespace(drive, nsid);
    bytes += namespace.nsze * BigInt(currentFormat(namespace)?.blockBytes ?? 0);
  }
  return bytes;
}

async function demandSerial(
  expected: string,
  { plan, consent, streams, signal }: Omit<Asking, "guard"> & { readonly plan: DestroyPlan },
): Promise<void> {
  // Nothing can be typed to mean such a drive: an empty line would be enough.
  if (expected === "") {
    throw new SafetyError(
      `Cannot ${lower(plan.action)}: the drive has no serial number to confirm it with`,
      { next: "nothing was sent" },
    );
  }
  if (consent.serial !== undefined && consent.serial.trim() !== expected) {
    throw mismatch(plan, consent.serial, expected);
  }
  if (consent.yes) {
    if (consent.serial !== undefined) return;
    throw new SafetyError(`Cannot ${lower(plan.action)}: --yes needs the drive's exact --serial`, {
      next: "add --serial with the serial number shown above; nothing was sent",
    });
  }
  if (!streams.stdinIsTerminal) {
    throw new SafetyError(
      `Cannot ${lower(plan.action)}: there is no terminal to ask for confirmation on`,
      { next: "add --yes --serial with the serial number shown above; nothing was sent" },
    );
  }
  const lost = plan.keepsData ? "Data is kept." : "All data there will be lost.";
  streams.stderr.write(`${lost} Type the serial number to go on: `);
  const typed = (await answer(streams, signal))?.trim();
  if (typed !== expected) throw mismatch(plan, typed ?? "", expected);
}

/** What the person types, unless the signal ends the waiting for it. */
async function answer(streams: Streams, signal?: AbortSignal): Promise<string | undefined> {
  if (signal === undefined) return await streams.readLine();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void =>
    reject(interrupted(signal, "Interrupted before it was confirmed", "nothing was sent"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([streams.readLine(), promise]);
  } catch (error) {
    // The question has no line end.
    streams.stderr.write("\n");
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function mismatch(plan: DestroyPlan, given: string, expected: string): SafetyError {
  return new SafetyError(
    `Cannot ${lower(plan.action)}: the serial number given is ${JSON.stringify(given)}, ` +
      `the drive's is ${JSON.stringify(expected)}`,
    { next: "nothing was sent; nvmectl list shows which drive is which" },
  );
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function noClaim(): Disposable {
  return { [Symbol.dispose]() {} };
}

/** The guard of a drive that no one on this machine can be using: a virtual one. */
export const NOBODY: Guard = { uses: () => [], claim: noClaim };
