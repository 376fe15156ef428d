// What is common to all log pages.

import { assertEquals } from "@std/assert";
import { isSet, type LogPage, logPageNsid } from "../../../src/spec/log/log_page.ts";
import { type SmartLog, SmartPage } from "../../../src/spec/log/smart.ts";
import { SMART_IMAGE } from "../../golden/log/images.ts";

Deno.test("logPageNsid() asks for the controller's pages with FFFFFFFFh", () => {
  assertEquals(logPageNsid({ scope: "controller" }), 0xffffffff);
  assertEquals(logPageNsid({ scope: "controller" }, 1), 0xffffffff);
  assertEquals(logPageNsid(SmartPage), 0xffffffff);
  assertEquals(logPageNsid(SmartPage, 2), 2);
});

Deno.test("LogPage gives the type of its value to whoever reads it", () => {
  const read = <T>(page: LogPage<T>, bytes: Uint8Array): T => page.decode(bytes);
  const log: SmartLog = read(SmartPage, SMART_IMAGE);
  const hours: bigint = log.powerOnHours;
  assertEquals(hours, 10_000n);
});

Deno.test("isSet() takes a flags field as Identify decodes it, or its number", () => {
  assertEquals([0, 1, 31].map((position) => isSet(0x80000002, position)), [false, true, true]);
  assertEquals(isSet({ value: 0x10 }, 4), true);
});
