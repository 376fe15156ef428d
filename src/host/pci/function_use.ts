// What uses the drive behind an NVMe function, and what lies on it: what taking the function away
// from the kernel would take from whom.

import { unseenProcesses } from "../open_in.ts";
import { stackOn } from "../stack.ts";
import { blindSpots, usesOf } from "../use.ts";
import type { FunctionUse, NvmeFunction } from "./facts.ts";
import { holdersOf } from "./holders.ts";
import type { PciHost } from "./pci_host.ts";
import { type FoundSignature, signaturesOn } from "./signatures.ts";
import { holderText } from "./words.ts";

/**
 * What a function is used for, what lies on its drive, and what cannot be found out about it.
 * Without a controller of the kernel's there are no block devices, and so nothing of the kind.
 */
export function usesOfFunction(host: PciHost, about: NvmeFunction): readonly FunctionUse[] {
  const { controller } = about;
  if (controller === undefined) return [];
  const { view } = host;
  const scope = { namespaces: controller.namespaces, controllers: [controller.name] };
  const uses = usesOf(view, scope, host.probe).map(({ kind, device, text, blocking }) => ({
    kind,
    device,
    text,
    weight: blocking ? "use" as const : "note" as const,
  }));
  const node = `/dev/${controller.name}`;
  const open = holdersOf(view, node).map((holder) => ({
    kind: "open",
    device: node,
    text: holderText(holder),
    weight: "use" as const,
  }));
  // Processes out of sight may merely look at the drive; whoever uses it has claimed it.
  const unseen = new Set(unseenProcesses(view));
  const spots = blindSpots(view).map((text) => ({
    kind: "unknown",
    device: node,
    text,
    weight: unseen.has(text) ? "note" as const : "use" as const,
  }));
  return [...uses, ...open, ...spots, ...writtenOn(host, about)];
}

/** The signatures on the namespaces and their partitions. */
function writtenOn(host: PciHost, { controller }: NvmeFunction): readonly FunctionUse[] {
  if (controller === undefined || controller.namespaces.length === 0) return [];
  // Reading would only wait for a drive that does not answer.
  if (controller.state !== undefined && controller.state !== "live") {
    const text = `what lies on it is not known: the kernel has /dev/${controller.name} as ` +
      controller.state;
    return [{ kind: "unread", device: `/dev/${controller.name}`, text, weight: "note" }];
  }
  return stackOn(host.view, controller.namespaces)
    .filter(({ kind, below }) =>
      kind === "namespace" ||
      (kind === "partition" && below.every((on) => on.kind === "namespace"))
    )
    .flatMap(({ path, bytes }) => signaturesAt(host, path, bytes ?? 0n));
}

function signaturesAt(host: PciHost, path: string, bytes: bigint): readonly FunctionUse[] {
  let found: readonly FoundSignature[];
  try {
    using device = host.openBlock(path);
    found = signaturesOn(device, bytes);
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
    if (typeof code !== "string") throw error;
    const text = `what lies on ${path} is not known: it cannot be read (${code})`;
    return [{ kind: "unread", device: path, text, weight: "note" }];
  }
  return found.map(({ name, kind }) => ({
    kind: "signature",
    device: path,
    text: `${path} has the signature of ${article(name)} ${name}`,
    weight: kind === "member" ? "member" as const : "note" as const,
  }));
}

function article(name: string): string {
  return /^([eEI]|LVM|MD |MBR|NTFS|XFS|F2FS)/.test(name) ? "an" : "a";
}
