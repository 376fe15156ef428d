// nvmectl format: give namespaces a block format, and whatever was on them up.

import { command, type Context } from "../cli/command.ts";
import { choice, type Flag, integer, parseInteger, toggle } from "../cli/flags.ts";
import { type Block, facts, heading, paragraph, type Report, table, toned } from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import {
  type FormatPlan,
  formatRemaining,
  type Formatted,
  planFormat,
  readFormatted,
  sendFormat,
  showsProgress,
  sizeOf,
} from "../controller/format.ts";
import {
  keepsFormat,
  layoutText,
  type ProtectionType,
  type SecureErase,
} from "../controller/format_choice.ts";
import { identifyController } from "../controller/identify.ts";
import { EXIT, interrupted, InterruptedError, NvmectlError, UsageError } from "../errors.ts";
import {
  exactDigits,
  formatBytes,
  formatCount,
  formatDuration,
  type JsonObject,
} from "../layout/mod.ts";

const LAST_NSID = 0xfffffffe;
const LARGEST_BLOCK = 1 << 24;
const TICK_MS = 1000;
/** The drive is asked for its progress every so many ticks. */
const TICKS_PER_QUESTION = 5;
/** Percent that must have passed before their pace makes an estimate. */
const PACE_PERCENT = 2;

const NAMESPACE: Flag<number | "all" | undefined> = {
  help: "Format namespace N, or all of them; else the one that the target names",
  value: "N|all",
  choices: ["all"],
  absent: undefined,
  parse: (typed, name) =>
    typed === "all" ? typed : parseInteger(typed, { name, min: 1, max: LAST_NSID }),
};

const PROTECTION: Flag<ProtectionType | undefined> = {
  help: "Protection information of type 1, 2 or 3; 0 for none",
  value: "0-3",
  choices: ["0", "1", "2", "3"],
  absent: undefined,
  parse: (typed, name) => parseInteger(typed, { name, min: 0, max: 3 }) as ProtectionType,
};

export const format = command({
  name: "format",
  group: "Change",
  summary: "Erase namespaces and choose their block size",
  description:
    "What is not said stays as it is. The drive is asked first what it can do, and what\n" +
    "the namespaces are afterwards; exit status 1 means that it is not what was asked.\n" +
    "Time allowed: 10 minutes, and for --secure-erase user-data 20 s more for each GB;\n" +
    "--timeout lengthens it.",
  effect: "destroy",
  target: "drive",
  flags: {
    namespace: NAMESPACE,
    blockSize: integer("Blocks of so many bytes: the fastest such format of the drive", {
      min: 512,
      max: LARGEST_BLOCK,
      value: "BYTES",
    }),
    lbaFormat: integer("The drive's format N: identify --namespace N -v lists them", { max: 63 }),
    metadata: integer("Bytes of metadata with each block; none with a new block size", {
      max: 0xffff,
      value: "BYTES",
    }),
    metadataInline: toggle("Metadata at the end of each block, not in a buffer of its own"),
    protection: PROTECTION,
    protectionFirst: toggle("Protection information in the first bytes of the metadata"),
    secureErase: choice("Erase the old data: what is on the media, or the key to it", [
      "none",
      "user-data",
      "crypto",
    ]),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl format /dev/nvme0n1 --block-size 4096", "blocks of 4 KiB; asks first"],
    ["nvmectl format /dev/nvme0n1 --secure-erase crypto", "erase, and keep the format"],
    ["nvmectl format /dev/nvme0n1 --block-size 4096 --dry-run", "see what would be sent"],
    [
      "nvmectl format /dev/nvme0 --namespace all --secure-erase user-data --yes --serial S4EW",
      "all of the drive, in a script",
    ],
  ],
  async run(context, { flags }) {
    checkFormatFlags(flags);
    const { secureErase = "none", ...wish } = flags;
    const drive = await context.openDrive();
    const plan = await planFormat(drive, { ...wish, secureErase });
    const action = actionText(plan, keepsFormat(wish));
    let startedAt: number;
    const claim = await context.confirm({
      drive,
      action,
      namespaces: plan.everything ? "all" : plan.affected,
    });
    try {
      startedAt = context.clock.now();
      await carryOut(context, drive, plan);
    } catch (error) {
      // Interrupted, the drive goes on formatting: nobody may begin to use it while we still live.
      if (!(error instanceof InterruptedError)) claim[Symbol.dispose]();
      throw error;
    }
    // Let go of before anybody looks again: whoever opens it next must find the new block size.
    claim[Symbol.dispose]();
    if (context.dryRun) return await reportOf(drive, { plan, formatted: [], tookMs: 0 });
    const tookMs = context.clock.now() - startedAt;
    await rescan(context, drive);
    return await reportOf(drive, { plan, formatted: await readFormatted(drive, plan), tookMs });
  },
});

/** A format of the drive's list says by itself what its blocks are: UsageError for both. */
export function checkFormatFlags(flags: {
  readonly lbaFormat: number | undefined;
  readonly blockSize: number | undefined;
  readonly metadata: number | undefined;
}): void {
  if (flags.lbaFormat === undefined) return;
  for (const [option, given] of [["block-size", flags.blockSize], ["metadata", flags.metadata]]) {
    if (given === undefined) continue;
    throw new UsageError(
      `Cannot use --lba-format with --${option}: a format of the drive's list has its own`,
    );
  }
}

/** What is going to happen, for the confirmation. */
function actionText(plan: FormatPlan, keeps: boolean): string {
  const { affected: [first], layout, bytes } = plan;
  const several = plan.affected.length > 1;
  const what = several
    ? `all namespaces (${plan.affected.join(", ")}; ${formatBytes(bytes)})`
    : `namespace ${first} (${formatBytes(bytes)})`;
  return `Format ${what} ${keeps ? "keeping its" : "with"} ${layoutText(layout)}` +
    ERASE_TEXT[plan.secureErase];
}

const ERASE_TEXT: Readonly<Record<SecureErase, string>> = {
  "none": "",
  "user-data": ", user data erase",
  "crypto": ", crypto erase",
};

/** Formats with a progress display; Ctrl-C ends the waiting, never the format. */
async function carryOut(context: Context, drive: Drive, plan: FormatPlan): Promise<void> {
  const { signal } = context;
  if (signal.aborted) {
    throw interrupted(
      signal,
      `Stopped before ${drive.target} was formatted`,
      "nothing was sent: the data is as it was",
    );
  }
  if (context.dryRun) return await sendFormat(drive, plan);
  const over = new AbortController();
  const work = sendFormat(drive, plan).finally(() => over.abort());
  // Whoever stops waiting does not hear how it ended.
  work.catch(() => {});
  try {
    const told = watch(context, { drive, plan, over: over.signal });
    await Promise.race([told, untilAborted(signal, over.signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw interrupted(signal, stoppedText(drive, plan), whereToLook(drive, plan));
  }
  await work;
}

/** Shows how far the drive is, until `over`. */
async function watch(
  context: Context,
  { drive, plan, over }: {
    readonly drive: Drive;
    readonly plan: FormatPlan;
    readonly over: AbortSignal;
  },
): Promise<void> {
  const { clock, signal } = context;
  const either = AbortSignal.any([signal, over]);
  const asks = showsProgress(plan);
  using progress = context.progress(
    plan.affected.length > 1
      ? "Format of all namespaces"
      : `Format of namespace ${plan.affected[0]}`,
  );
  let first: { readonly at: number; readonly percent: number } | undefined;
  let state = {};
  for (let tick = 0; !over.aborted; tick++) {
    try {
      await clock.sleep(TICK_MS, either);
    } catch (error) {
      if (over.aborted) return;
      throw error;
    }
    if (asks && tick % TICKS_PER_QUESTION === 0) {
      const percent = await formatRemaining(drive, plan);
      // Zero may as well mean that it has not begun.
      if (percent !== undefined && (percent > 0 || first)) {
        const at = clock.now();
        first ??= { at, percent };
        const gone = first.percent - percent;
        const remainingMs = gone < PACE_PERCENT ? undefined : (at - first.at) / gone * percent;
        state = {
          fraction: 1 - percent / 100,
          ...(remainingMs === undefined ? {} : { remainingMs }),
        };
      }
    }
    if (!over.aborted) progress.update(state);
  }
}

/** Rejects when `signal` fires before `over` does. */
function untilAborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: over });
  });
}

function stoppedText({ target, transport }: Drive, { affected }: FormatPlan): string {
  const what = affected.length > 1 ? "all its namespaces" : `namespace ${affected[0]}`;
  const waits = transport.kind === "passthrough"
    ? "; the kernel may keep this process until the drive has answered"
    : "";
  return `Stopped waiting: ${target} goes on formatting ${what}, and nothing can stop that; ` +
    `do not unplug it or switch it off${waits}`;
}

function whereToLook({ target }: Drive, plan: FormatPlan): string {
  const [nsid] = plan.affected;
  const shows = showsProgress(plan)
    ? "shows the percentage that remains"
    : "shows the format that it has when it is done";
  return `nvmectl identify ${target} --namespace ${nsid} -v ${shows}`;
}

/** The format is done even where the kernel does not look at it again. */
async function rescan(context: Context, { transport }: Drive): Promise<void> {
  try {
    await transport.rescan?.();
  } catch (error) {
    if (!(error instanceof NvmectlError)) throw error;
    context.notice(error.message);
  }
}

async function reportOf(
  drive: Drive,
  { plan, formatted, tookMs }: {
    readonly plan: FormatPlan;
    readonly formatted: readonly Formatted[];
    readonly tookMs: number;
  },
): Promise<Report> {
  const { mn, sn, fr } = await identifyController(drive);
  const asAsked = formatted.every((one) => one.asAsked);
  const blocks: Block[] = [heading(`${drive.target}  ${mn}  serial ${sn}  firmware ${fr}`)];
  blocks.push(...formatted.filter((one) => !one.asAsked).map((one) => mismatchBlock(one, plan)));
  if (asAsked) blocks.push(...formattedBlocks(formatted, tookMs));
  if (asAsked && plan.secureErase === "none") {
    blocks.push(paragraph(
      "The old data can no longer be read through the drive, but was not erased from its media; " +
        "--secure-erase does that.",
    ));
  }
  return {
    json: {
      device: drive.target,
      model: mn,
      serial: sn,
      secure_erase: plan.secureErase,
      affected_namespaces: plan.affected,
      as_asked: asAsked,
      took_seconds: tookMs / 1000,
      namespaces: formatted.map(namespaceJson),
    },
    blocks,
    exit: asAsked ? EXIT.ok : EXIT.bad,
  };
}

function mismatchBlock({ nsid, layout }: Formatted, plan: FormatPlan): Block {
  const is = layout ? layoutText(layout) : "a format that is not in its list";
  return paragraph(toned(
    `The drive says that it has done it, but namespace ${nsid} has ${is}, ` +
      `not ${layoutText(plan.layout)}`,
    "bad",
  ));
}

function formattedBlocks(formatted: readonly Formatted[], tookMs: number): readonly Block[] {
  const rows = formatted.map(({ nsid, namespace, layout }) => [
    `${nsid}`,
    layout ? layoutText(layout) : "",
    `${layout?.format.index}`,
    `${formatBytes(sizeOf(namespace))} (${formatCount(namespace.nsze)} blocks)`,
  ]);
  const [only] = rows;
  if (rows.length !== 1 || !only) {
    return [
      paragraph(toned(`Formatted in ${formatDuration(tookMs)}:`, "good")),
      table([">Namespace", "Blocks", ">LBA format", "Capacity"], rows),
    ];
  }
  const [nsid, blocks = "", index = "", capacity = ""] = only;
  return [
    paragraph(toned(`Namespace ${nsid} is formatted`, "good")),
    facts([
      ["Blocks", blocks],
      ["LBA format", index],
      ["Capacity", capacity],
      ["Took", formatDuration(tookMs)],
    ]),
  ];
}

function namespaceJson({ nsid, namespace, layout, asAsked }: Formatted): JsonObject {
  const { nsze, ncap } = namespace;
  return {
    nsid,
    as_asked: asAsked,
    lba_format: layout?.format.index ?? null,
    block_size: layout?.format.blockBytes ?? null,
    metadata_size: layout?.format.metadataBytes ?? null,
    metadata_inline: layout?.metadataInline ?? null,
    protection_type: layout?.protection ?? null,
    protection_first: layout?.protectionFirst ?? null,
    nsze: Number(nsze),
    ...exactDigits("nsze", nsze),
    ncap: Number(ncap),
    ...exactDigits("ncap", ncap),
    capacity_bytes: sizeOf(namespace),
  };
}
