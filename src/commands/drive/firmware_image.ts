// nvmectl drive firmware-image: something to rehearse a firmware update with.

import { command } from "../../cli/command.ts";
import { choice, integer, text } from "../../cli/flags.ts";
import { facts, paragraph } from "../../cli/report.ts";
import {
  buildFirmwareImage,
  FIRMWARE_ACTIVATION,
  type FirmwareActivation,
} from "../../drive/model/firmware_image.ts";
import { UsageError } from "../../errors.ts";

const REVISION_MAX = 8;
const KINDS = Object.keys(FIRMWARE_ACTIVATION) as FirmwareActivation[];

/** How the kinds of activation are spelled on the command line. */
const SPELLED = {
  "without-reset": "withoutReset",
  "controller-reset": "controllerReset",
  "subsystem-reset": "subsystemReset",
  "conventional-reset": "conventionalReset",
  "prohibited": "prohibited",
} as const satisfies Readonly<Record<string, typeof KINDS[number]>>;

const MIB = 1024 * 1024;

export const driveFirmwareImage = command({
  name: "drive firmware-image",
  group: "Rehearse",
  summary: "Make a firmware image that virtual drives take",
  description: "A virtual drive takes only images of this kind, unless it is made to take any.",
  effect: "read",
  target: "none",
  positionals: [{ name: "FILE", help: "Where to write it" }],
  flags: {
    revision: text("What the drive will call its firmware, up to 8 characters", "TEXT"),
    activation: choice("How it can be started", Object.keys(SPELLED) as (keyof typeof SPELLED)[]),
    pause: integer("Milliseconds that starting it takes", { max: 3_600_000, value: "MS" }),
    size: integer("Bytes of the image", { min: 4096, max: 64 * MIB, value: "BYTES" }),
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive firmware-image new.bin --revision 2.0.0", "then nvmectl firmware update"],
    ["nvmectl drive firmware-image r.bin --revision 3 --activation controller-reset", "needs one"],
  ],
  async run(context, { flags, words: [path = ""] }) {
    const { revision, activation = "without-reset", pause, size = 4096 } = flags;
    if (revision === undefined || !/^[\x21-\x7e]{1,8}$/.test(revision)) {
      throw new UsageError(
        `Cannot make an image with revision ${JSON.stringify(revision)}: need --revision with 1 ` +
          `to ${REVISION_MAX} characters, no blanks`,
      );
    }
    await context.files.probe(path);
    const bare = buildFirmwareImage({ revision, activation: SPELLED[activation] }).length;
    const image = buildFirmwareImage({
      revision,
      activation: SPELLED[activation],
      ...(pause === undefined ? {} : { pauseMs: pause }),
      payload: new Uint8Array(Math.max(0, size - bare)),
    });
    await context.files.write(path, image);
    return {
      json: { path, revision, activation, pause_ms: pause ?? null, bytes: image.length },
      blocks: [
        facts([["Image", path], ["Revision", revision], ["Started", activation]]),
        paragraph(
          `Next: nvmectl firmware update ${path} with a virtual drive, or nvme fw-download`,
        ),
      ],
    };
  },
});
