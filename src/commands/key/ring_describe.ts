// nvmectl key ring describe: what the kernel says of a key.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { describeKey, permissionsText } from "../../keys/mod.ts";
import { serialJson, serialOf, serialText } from "./ring_options.ts";

export const keyRingDescribe = command({
  name: "key ring describe",
  group: "Change",
  summary: "Show type, description, owner and permissions of a key",
  effect: "read",
  target: "none",
  positionals: [{ name: "KEY", help: "Its serial number, decimal or 0x" }],
  flags: {},
  formats: ["table", "json"],
  examples: [["nvmectl key ring describe 0x2d9dad64", "one that /proc/keys lists"]],
  async run(context, { words: [typed = ""] }) {
    const serial = serialOf(typed);
    const key = describeKey(await context.keyring(), serial);
    const { type, description, uid, gid, permissions } = key;
    return {
      json: {
        ...serialJson(serial),
        type,
        description,
        uid,
        gid,
        permissions: {
          value: `0x${permissions.toString(16).padStart(8, "0")}`,
          text: permissionsText(permissions),
        },
      },
      blocks: [
        facts([
          ["Key", serialText(serial)],
          ["Type", type],
          ["Description", description],
          ["Owner", `user ${uid}, group ${gid}`],
          ["Permissions", permissionsText(permissions)],
        ]),
      ],
    };
  },
});
