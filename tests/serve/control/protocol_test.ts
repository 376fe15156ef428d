// Tests of the control socket's language.

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import {
  describeError,
  errorFrom,
  LINE_MAX,
  LineReader,
  parseRequest,
  parseResponse,
} from "../../../src/serve/control/protocol.ts";

Deno.test("parseRequest() takes an id, a method and parameters, and nothing less", () => {
  assertEquals(parseRequest('{"id":1,"method":"taps"}'), { id: 1, method: "taps", params: {} });
  for (
    const line of [
      "{}",
      '{"id":1}',
      '{"id":"1","method":"x"}',
      "[]",
      '{"id":1,"method":"x","params":[]}',
    ]
  ) {
    assertThrows(() => parseRequest(line), UsageError);
  }
});

Deno.test("parseResponse() takes nothing that is no answer", () => {
  assertEquals(parseResponse('{"id":1,"result":{}}'), { id: 1, result: {} });
  for (const line of ["", "x", "{}", '{"id":null}']) {
    assertThrows(() => parseResponse(line), UnreachableError);
  }
});

Deno.test("errors keep their kind and next step over the socket", () => {
  const told = errorFrom(describeError(new UsageError("no", { next: "yes" })));
  assertInstanceOf(told, UsageError);
  assertEquals([told.message, told.next], ["no", "yes"]);
  assertInstanceOf(errorFrom(describeError(new UnreachableError("gone"))), UnreachableError);
  assertEquals(describeError(new RangeError("bad")).kind, "usage");
  assertEquals(describeError(new Error("ours")).kind, "fault");
});

Deno.test("LineReader puts lines together and refuses one without end", () => {
  const reader = new LineReader();
  assertEquals(reader.push("a"), []);
  assertEquals(reader.push("b\nc\n\nd"), ["ab", "c"]);
  assertThrows(() => reader.push("x".repeat(LINE_MAX)), UsageError, "line of more than");
});
