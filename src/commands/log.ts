// nvmectl log: any log page, decoded where its layout is known, as bytes where it is not.

import { didYouMean } from "../cli/closest.ts";
import { command, type Context } from "../cli/command.ts";
import { bigInteger, type FlagValues, integer, toggle } from "../cli/flags.ts";
import { logPageBlocks } from "../cli/present.ts";
import { facts, heading, paragraph, type Report, table } from "../cli/report.ts";
import { GROUPS_ONLY } from "../controller/ana.ts";
import type { Drive } from "../controller/drive.ts";
import { identifyController } from "../controller/identify.ts";
import { LOG_CHUNK_BYTES, readLogBytes, readPageBytes } from "../controller/log.ts";
import { UnsupportedError, UsageError } from "../errors.ts";
import { exactDigits, List, toHex } from "../layout/mod.ts";
import { ALL_NAMESPACES } from "../spec/command.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import { AnaPage } from "../spec/log/ana.ts";
import { isSet, isWholePage, type LogPage, logPageNsid } from "../spec/log/log_page.ts";
import { formatLid, logPageInfo } from "../spec/log/names.ts";
import { findLogPage, LOG_PAGES } from "../spec/log/registry.ts";

const DEFAULT_BYTES = 512;
/** The page is held in memory as a whole. */
const MOST_BYTES = 2 ** 30;
const HIGHEST_LID = 0xff;

const FLAGS = {
  length: integer(`Read so many bytes; a page not decoded here: ${DEFAULT_BYTES}`, {
    min: 4,
    max: MOST_BYTES,
    value: "BYTES",
  }),
  offset: bigInteger("Start at this byte of the page", "BYTES"),
  namespace: integer("Ask for this namespace; otherwise FFFFFFFFh, the controller", {
    max: ALL_NAMESPACES,
  }),
  lsp: integer("Log specific parameter", { max: 0x7f }),
  lsi: integer("Log specific identifier: an endurance group, an NVM set", { max: 0xffff }),
  rae: toggle("Retain the asynchronous event that announced the page"),
  uuidIndex: integer("Index into the UUID list, for vendor specific pages", { max: 0x7f }),
  csi: integer("Command set identifier, for pages that depend on it", { max: 0xff }),
  groupsOnly: toggle("Of the ANA page: only the groups, not which namespaces are in them"),
};

/** With its event the drive drops what it has captured, of which a look shows the header only. */
const CONTROLLER_TELEMETRY = 0x08;

type LogFlags = FlagValues<typeof FLAGS>;

/** What was asked for: a page whose layout is known, or a number. */
interface Wanted {
  readonly lid: number;
  readonly page: LogPage | undefined;
  /** Whether it was asked for by number: then it is asked for whatever the drive claims. */
  readonly byNumber: boolean;
}

export const log = command({
  name: "log",
  group: "Look",
  summary: "Read a log page, by name or by number",
  description:
    "Without NAME|LID: the pages that have names. A number reads any page, as bytes where\n" +
    "its layout is not known here. A known page is decoded when all of it is read; with\n" +
    "--length or --offset for a part of it, it is bytes too. Reading a page clears the\n" +
    "event that announced it unless --rae is given; that of the controller's telemetry is\n" +
    "always kept, because its data would go with it: nvmectl telemetry --controller saves them.",
  effect: "read",
  target: "drive",
  positionals: [{
    name: "NAME|LID",
    help: "a name, or a number such as 0x81 or 81h",
    optional: true,
    choices: LOG_PAGES.map(({ name }) => name),
  }],
  flags: FLAGS,
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl log error /dev/nvme0", "the errors that the controller remembers"],
    ["nvmectl log smart -v", "the health page with every field; nvmectl health judges it"],
    ["nvmectl log effects /dev/nvme0 -o json", "supported commands and their effects"],
    [
      "nvmectl log telemetry-host /dev/nvme0 --lsp 1 -o raw > t.bin",
      "capture telemetry, to a file",
    ],
    ["nvmectl log 0x14 /dev/nvme0 --length 512", "any page by its number, as bytes"],
    ["nvmectl log 0xca /dev/nvme0 --length 4096 -o raw > ca.bin", "a vendor's page, to a file"],
    ["nvmectl log", "which pages have names"],
  ],
  async run(context, { flags: typed, words: [word] }) {
    if (word === undefined) return names(context);
    const wanted = wantedPage(word);
    checkDwords(typed);
    const flags = { ...typed, lsp: specificParameter(wanted, typed) };
    const drive = await context.openDrive();
    const controller = await identifyController(drive);
    const { page } = wanted;
    if (page) checkSupport(drive, controller, { ...wanted, page }, flags);
    const bytes = await read(context, drive, { controller, wanted, flags });
    if (page !== undefined && (flags.offset ?? 0n) === 0n) {
      const whole = isWholePage(page, controller, bytes);
      // The beginning of a list is a list: all that a drive without offsets can give.
      const most = flags.length === undefined && page.structure instanceof List;
      if (most && !whole) {
        context.notice(
          `${drive.target} takes no offsets, so only the first ${bytes.length} of ` +
            `${page.length(controller)} bytes could be read`,
        );
      }
      if (whole || most) return decoded(context, drive, page, bytes);
    }
    return plain(drive, wanted, flags, bytes);
  },
});

/** The registered pages, without asking a drive. */
function names({ format }: Context): Report {
  if (format === "raw") throw new UsageError("Cannot write the names of log pages raw");
  return {
    json: {
      log_pages: LOG_PAGES.map(({ lid, name, aliases = [], title, since }) => ({
        lid: { value: lid, text: title },
        name,
        aliases,
        since: since ?? "1.0",
      })),
    },
    blocks: [
      table(
        ["Page", "Name", "Also", "Title", "Since"],
        LOG_PAGES.map(({ lid, name, aliases = [], title, since }) => [
          formatLid(lid),
          name,
          aliases.join(", "),
          title,
          since ?? "1.0",
        ]),
      ),
      paragraph("Every other page by its number, as bytes: nvmectl log 0x14 /dev/nvme0"),
    ],
  };
}

/** What a word names: `smart`, `2`, `0x02`, `02h`. */
function wantedPage(word: string): Wanted {
  const digits = /^([0-9a-f]{2})h$/i.exec(word)?.[1];
  const number = digits !== undefined
    ? parseInt(digits, 16)
    : /^(0x[0-9a-f]+|[0-9]+)$/i.test(word)
    ? Number(word)
    : undefined;
  if (number === undefined) {
    const page = findLogPage(word);
    if (page === undefined) throw unknownName(word);
    return { lid: page.lid, page, byNumber: false };
  }
  if (number > HIGHEST_LID) {
    throw new UsageError(`Cannot read log page ${word}: numbers go from 0 to 0xff`);
  }
  return { lid: number, page: findLogPage(number), byNumber: true };
}

function unknownName(word: string): UsageError {
  const known = LOG_PAGES.map(({ name }) => name);
  const undecoded = Array.from({ length: HIGHEST_LID + 1 }, (_, lid) => logPageInfo(lid))
    .find(({ name }) => name === word.toLowerCase());
  if (undecoded) {
    const { lid, title } = undecoded;
    return new UsageError(`Cannot decode the ${title} log: its layout is not known here`, {
      next: `nvmectl log 0x${lid.toString(16).padStart(2, "0")} reads its bytes`,
    });
  }
  if (/[/:]/.test(word)) {
    return new UsageError(`Cannot read a log page of ${word}: the page comes first`, {
      next: `nvmectl log NAME ${word}, where NAME is ${known.join(", ")}, or a number`,
    });
  }
  const every = LOG_PAGES.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const near = didYouMean(word, every);
  return new UsageError(
    `Cannot read log ${JSON.stringify(word)}: there is no page of that name`,
    { next: `${near ? `${near} ` : ""}Names: ${known.join(", ")}; or a number such as 0x81` },
  );
}

function checkDwords({ length, offset }: LogFlags): void {
  if (length !== undefined && length % 4 !== 0) {
    throw new UsageError(`Cannot use --length ${length}: need a multiple of 4`);
  }
  if (offset !== undefined && offset % 4n !== 0n) {
    throw new UsageError(`Cannot use --offset ${offset}: need a multiple of 4`);
  }
}

/** The log specific parameter, also where it goes by a name. */
function specificParameter({ lid }: Wanted, { lsp, groupsOnly }: LogFlags): number | undefined {
  if (!groupsOnly) return lsp;
  if (lid === AnaPage.lid) return (lsp ?? 0) | GROUPS_ONLY;
  throw new UsageError("Cannot use --groups-only: only the ANA page has groups with namespaces");
}

/** Refuses, before anything is sent, what the controller says that it cannot answer. */
function checkSupport(
  { target }: Drive,
  controller: IdentifyController,
  { page, byNumber }: Wanted & { readonly page: LogPage },
  { namespace }: LogFlags,
): void {
  if (byNumber) return;
  const { lpa, oacs } = controller;
  if (page.supportedBy(controller) === false) {
    throw new UnsupportedError(
      `Cannot read the ${page.title} log of ${target}: the drive says that it does not have it ` +
        `(LPA ${hexByte(lpa.value, 2)}, OACS ${hexByte(oacs.value, 4)})`,
      { next: `nvmectl log 0x${hexByte(page.lid, 2).slice(2)} asks for it all the same` },
    );
  }
  if (namespace === undefined || namespace === 0 || namespace === ALL_NAMESPACES) return;
  if (page.scope === "controller") {
    throw new UsageError(
      `Cannot use --namespace ${namespace}: the ${page.title} log is of the controller as a whole`,
    );
  }
  if (page.scope === "either" && page.perNamespace?.(controller) === false) {
    throw new UnsupportedError(
      `Cannot read the ${page.title} log of namespace ${namespace}: ${target} has it only for ` +
        `the controller as a whole (LPA ${hexByte(lpa.value, 2)})`,
      { next: "leave --namespace out" },
    );
  }
}

async function read(
  context: Context,
  drive: Drive,
  { controller, wanted: { lid, page }, flags }: {
    readonly controller: IdentifyController;
    readonly wanted: Wanted;
    readonly flags: LogFlags;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { offset = 0n, lsp, lsi, rae, uuidIndex, csi } = flags;
  const purpose = `read log page ${formatLid(lid)} (${logPageInfo(lid).title}) of ${drive.target}`;
  const request = {
    nsid: flags.namespace,
    rae: rae || lid === CONTROLLER_TELEMETRY,
    ...(lsp === undefined ? {} : { lsp }),
    ...(lsi === undefined ? {} : { lsi }),
    ...(uuidIndex === undefined ? {} : { uuidIndex }),
    ...(csi === undefined ? {} : { csi }),
  };
  const anyway = page?.scope === "controller" && flags.namespace !== undefined;
  if (page?.growth && flags.length === undefined && offset === 0n && !anyway) {
    // Whoever interrupts it leaves no context behind on the drive.
    const signal = page.growth.context && context.signal;
    return await readPageBytes(drive, page, { ...request, signal }, purpose);
  }
  const takesOffsets = isSet(controller.lpa, 2);
  let length = flags.length ?? page?.length(controller) ?? DEFAULT_BYTES;
  if (flags.length === undefined && !takesOffsets && page?.structure instanceof List) {
    length = Math.min(length, LOG_CHUNK_BYTES);
  }
  // A drive without extended data ignores the offset and answers with the page's beginning.
  if (!takesOffsets && (offset > 0n || length > LOG_CHUNK_BYTES)) {
    throw new UnsupportedError(
      `Cannot read beyond the first ${LOG_CHUNK_BYTES} bytes of a log page: ${drive.target} ` +
        `takes no offsets (LPA ${hexByte(controller.lpa.value, 2)})`,
      { next: `use --length ${LOG_CHUNK_BYTES} or less, without --offset` },
    );
  }
  return await readLogBytes(drive, {
    ...(page?.lsi === undefined ? {} : { lsi: page.lsi }),
    ...request,
    lid,
    length,
    offset,
    nsid: flags.namespace ?? (page ? logPageNsid(page) : ALL_NAMESPACES),
  }, purpose);
}

function decoded(
  { verbose }: Context,
  drive: Drive,
  page: LogPage,
  bytes: Uint8Array,
): Report {
  const value = page.decode(bytes);
  return {
    json: {
      device: drive.target,
      lid: { value: page.lid, text: page.title },
      name: page.name,
      length: bytes.length,
      log: page.json(value),
    },
    blocks: logPageBlocks(page, { bytes, value }, { verbose }),
    raw: bytes,
  };
}

/** A page, or a part of one, as bytes. */
function plain(drive: Drive, { lid }: Wanted, flags: LogFlags, bytes: Uint8Array): Report {
  const { offset = 0n } = flags;
  const { title } = logPageInfo(lid);
  return {
    json: {
      device: drive.target,
      lid: { value: lid, text: title },
      offset: Number(offset),
      ...exactDigits("offset", offset),
      length: bytes.length,
      data: toHex(bytes),
    },
    blocks: [
      heading(`Log page ${formatLid(lid)}: ${title}`),
      facts([["Bytes", `${bytes.length} from byte ${offset}`]]),
      { kind: "hex", bytes, offset: Number(offset) },
    ],
    raw: bytes,
  };
}

function hexByte(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
