// Tests of scenarios as they are typed and shown.

import { assertEquals, assertRejects } from "@std/assert";
import { checkScenario, parameterText } from "../../../src/commands/drive/scenario_text.ts";
import { UsageError } from "../../../src/errors.ts";

Deno.test("checkScenario() names the scenario that may have been meant", async () => {
  await checkScenario("inject", "latency:ms=5");
  const near = await assertRejects(() => checkScenario("inject", "latancy:ms=5"), UsageError);
  assertEquals(near.message, 'Cannot inject "latancy": there is no such scenario');
  assertEquals(near.next, "Did you mean latency? nvmectl drive scenarios lists them");
  const far = await assertRejects(() => checkScenario("show", ""), UsageError);
  assertEquals(far.next, "nvmectl drive scenarios lists them");
});

Deno.test("parameterText() has times in words, also of the second of a name", () => {
  assertEquals(parameterText("latency#2", "for", 7_200_000), "2 h");
  assertEquals(parameterText("latency", "count", 5), "5");
  assertEquals(parameterText("faults.json", "for", 5), "5");
});
