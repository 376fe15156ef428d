// Tests of the declaration file: it says the same as the types that the drive goes by.

import { assertEquals } from "@std/assert";
import { PLUGIN_DECLARATION } from "../../src/drive/plugin/declaration.ts";
import { TAPS } from "../../src/drive/tap/names.ts";

/** Everything that the drive gives can be taken, everything that can be answered is understood. */
const AGREEMENT = (drive: string): string => `
import type * as plugin from "./nvmectl-plugin.d.ts";
import type * as drive from "${drive}";
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never;
type Name<K extends drive.TapContext["kind"]> = Extract<drive.TapContext, { kind: K }>;
type Context<T> = Omit<T, "tap" | "complete" | "command">;
export const contexts: readonly true[] = [
  true satisfies Same<Context<plugin.CommandTap>, Context<Name<"command">>>,
  true satisfies Same<plugin.Command, Name<"command">["command"]>,
  true satisfies Same<Context<plugin.RegisterTap>, Context<Name<"register">>>,
  true satisfies Same<Context<plugin.MediaTap>, Context<Name<"media">>>,
  true satisfies Same<Context<plugin.PduTap>, Context<Name<"pdu">>>,
  true satisfies Same<Context<plugin.EventTap>, Context<Name<"event">>>,
  true satisfies Same<Exclude<plugin.Verdict, void | undefined>, drive.Decided>,
  true satisfies Same<plugin.Claim, drive.Claim>,
];
`;

const EXAMPLE = `
import type { PluginTaps } from "./nvmectl-plugin.d.ts";
export function setup(taps: PluginTaps): void {
  taps.attach("nvme:admin:decode", ({ command: { opcode, cdw10, cdw11 } }) =>
    opcode === 0xc0 ? { kind: "claim", dw0: cdw10 + cdw11 } : undefined);
  taps.attach("nvme:media:read", ({ data }) => ({ kind: "mutate", data: data ?? new Uint8Array() }));
  taps.attach("nvme:regread:writeback", ({ value }) => ({ kind: "mutate", value: value | 1n }));
}
`;

Deno.test("the declaration says what the drive's own types say, and a plug-in checks", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const drive = new URL("../../src/drive/tap/verdict.ts", import.meta.url).href;
    await Deno.writeTextFile(`${folder}/nvmectl-plugin.d.ts`, PLUGIN_DECLARATION);
    await Deno.writeTextFile(`${folder}/agreement.ts`, AGREEMENT(drive));
    await Deno.writeTextFile(`${folder}/example.ts`, EXAMPLE);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-config", "agreement.ts", "example.ts"],
      cwd: folder,
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the declaration names every tap that is not for events", () => {
  const written = PLUGIN_DECLARATION.replaceAll(/\s+/g, " ");
  for (const { name, kind } of TAPS) {
    if (kind === "event") continue;
    const [module = "", component = "", stage = ""] = name.split(":");
    const templated = ["admin", "io", "connect", "property", "media"].includes(component);
    const found = templated
      ? written.includes(`${module}:`) && written.includes(`"${stage}"`)
      : written.includes(`"${name}"`);
    assertEquals(found, true, name);
  }
});
