// Which features Identify Controller gives away.

import { assert, assertEquals } from "@std/assert";
import { announcedFeatures } from "../../src/controller/announced_features.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";

type Fields = Parameters<typeof IdentifyController.encode>[0];

function announced(fields: Fields = {}, version = 0x010000): readonly number[] {
  const controller = IdentifyController.decode(IdentifyController.encode(fields));
  return announcedFeatures({ controller, version });
}

const ALWAYS = [0x01, 0x02, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x80];

Deno.test("a controller that announces nothing has what every I/O controller has", () => {
  assertEquals(announced(), ALWAYS);
});

Deno.test("each field announces its features, among the others in their order", () => {
  const rows: readonly (readonly [fields: Fields, fids: readonly number[]])[] = [
    [{ vwc: { vwcp: true } }, [0x06]],
    [{ apsta: { apts: true } }, [0x0c]],
    [{ hmpre: 1 }, [0x0d]],
    [{ oncs: { tss: true } }, [0x0e]],
    [{ kas: 1 }, [0x0f]],
    [{ hctma: { hctms: true } }, [0x10]],
    [{ ctratt: { nopspm: true } }, [0x11]],
    [{ rrls: 1 }, [0x12]],
    [{ ctratt: { plm: true } }, [0x13, 0x14]],
    [{ oacs: { glss: true } }, [0x15]],
    [{ sanicap: { ces: true } }, [0x17]],
    [{ ctratt: { egs: true } }, [0x18]],
    [{ ctratt: { hids: true } }, [0x81]],
    [{ oncs: { reservs: true } }, [0x81, 0x82, 0x83]],
    [{ nwpc: 1 }, [0x84]],
  ];
  for (const [fields, fids] of rows) {
    const found = announced(fields);
    assertEquals(found.filter((fid) => !ALWAYS.includes(fid)), fids);
    assert(found.every((fid, at) => at === 0 || fid > (found[at - 1] ?? 0)));
  }
});

Deno.test("host behavior came with 1.4", () => {
  assertEquals(announced({}, 0x010300).includes(0x16), false);
  assertEquals(announced({}, 0x010400).includes(0x16), true);
});
