// nvmectl firmware download: an image into the drive's memory, where nothing comes of it yet.

import { command } from "../../cli/command.ts";
import { integer } from "../../cli/flags.ts";
import { facts, paragraph } from "../../cli/report.ts";
import { downloadFirmware } from "../../controller/firmware.ts";
import { formatBinaryBytes, formatCount } from "../../layout/mod.ts";
import { readImage } from "./words.ts";

const OFFSET_MAX = 2 ** 32;
const CHUNK_MAX = 2 ** 22;

export const firmwareDownload = command({
  name: "firmware download",
  group: "Change",
  summary: "Download a firmware image to the drive, without using it yet",
  description:
    "Nothing changes before the image is committed; a reset forgets it. The pieces are\n" +
    "the largest that the drive takes (MDTS, FWUG). nvmectl firmware update does all steps.",
  effect: "write",
  target: "drive",
  positionals: [{ name: "FILE", help: "The image" }],
  flags: {
    offset: integer("Begin at this byte of the image, where a download had stopped", {
      max: OFFSET_MAX,
      value: "BYTES",
    }),
    chunk: integer("Send pieces of so many bytes", { min: 4, max: CHUNK_MAX, value: "BYTES" }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl firmware download new.bin /dev/nvme0", "then: nvmectl firmware commit"],
    ["nvmectl firmware download new.bin /dev/nvme0 --offset 65536", "go on where it stopped"],
    ["nvmectl firmware download new.bin virtual: --dry-run", "see the commands"],
  ],
  async run(context, { flags, words: [path = ""] }) {
    const image = await readImage(context, path);
    const drive = await context.openDrive();
    using progress = context.progress(`Firmware download to ${drive.target}`);
    const plan = await downloadFirmware(drive, image, {
      ...flags,
      signal: context.signal,
      progress: (bytes) => progress.update({ fraction: bytes / image.length }),
    });
    return {
      json: {
        target: drive.target,
        file: path,
        bytes: image.length,
        offset: plan.offset,
        chunk_bytes: plan.chunk,
        pieces: plan.pieces,
      },
      blocks: [
        facts([
          ["Downloaded", `${formatCount(image.length - plan.offset)} bytes of ${path}`],
          ["Pieces", `${formatCount(plan.pieces)} of ${formatBinaryBytes(plan.chunk)}`],
        ]),
        paragraph(`Next: nvmectl firmware commit ${drive.target} --slot N --action replace`),
      ],
    };
  },
});
