// nvmectl security send: bytes of a file to a security protocol, after a confirmation.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { facts, heading } from "../../cli/report.ts";
import { sendSecurity } from "../../controller/security.ts";
import { UsageError } from "../../errors.ts";
import { formatCount, nameOf } from "../../layout/mod.ts";
import { SECURITY_PROTOCOL_NAMES } from "../../spec/admin/security.ts";
import { ADDRESS, addressFacts, addressJson, addressOf } from "./address.ts";

export const securitySend = command({
  name: "security send",
  group: "Change",
  summary: "Send to a security protocol",
  description:
    `The bytes are the protocol's own: what they do only whoever made them can say. Those of
the TCG can lock the drive, and erase all of it; so it is confirmed like a format, for
all of the drive's namespaces.`,
  effect: "destroy",
  target: "drive",
  flags: { ...ADDRESS, in: text("The bytes to send; required", "FILE") },
  formats: ["table", "json"],
  examples: [
    [
      "nvmectl security send --protocol 1 --specific 0x7ffe --in session.bin /dev/nvme0",
      "a message to the ComID 7FFEh; asks first",
    ],
    [
      "nvmectl security send --protocol 2 --specific 0x7ffe --in reset.bin virtual: --dry-run",
      "see what would be sent",
    ],
  ],
  async run(context, { flags }) {
    const address = addressOf(flags);
    const { in: path } = flags;
    if (path === undefined) {
      throw new UsageError("Cannot send to a security protocol: --in FILE is missing");
    }
    const bytes = await context.files.read(path);
    if (bytes.length === 0) {
      throw new UsageError(`Cannot send ${path} to a security protocol: it is empty`);
    }
    const drive = await context.openDrive();
    const name = nameOf(SECURITY_PROTOCOL_NAMES, address.protocol);
    using _claim = await context.confirm({
      drive,
      action: `Send ${formatCount(bytes.length)} bytes to security protocol ${name}, ` +
        "which may lock or erase the drive",
      namespaces: "all",
    });
    await sendSecurity(drive, address, bytes);
    return {
      json: { device: drive.target, ...addressJson(address), length: bytes.length },
      blocks: [
        heading(`${drive.target}  security send`),
        facts([...addressFacts(address), ["Sent", `${formatCount(bytes.length)} bytes`]]),
      ],
    };
  },
});
