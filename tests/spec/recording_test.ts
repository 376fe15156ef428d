// Tests of recorded questions and answers as text.

import { assertEquals, assertThrows } from "@std/assert";
import {
  answerText,
  parseAnswer,
  parseRequestKey,
  type RecordedRequest,
  requestKey,
} from "../../src/spec/recording.ts";

Deno.test("a question reads as what it asks for, and comes back as it was", () => {
  const questions: readonly (readonly [RecordedRequest, string])[] = [
    [{ kind: "identify", id: 1 }, "identify 01"],
    [{ kind: "log", id: 0xc0, nsid: 0xffffffff, lsi: 1 }, "log c0 nsid=ffffffff lsi=1"],
    [{ kind: "feature", id: 4, select: 1, cdw11: 0x110000 }, "feature 04 select=1 cdw11=110000"],
  ];
  for (const [request, key] of questions) {
    assertEquals(requestKey(request), key);
    assertEquals(parseRequestKey(key), request);
  }
  assertEquals(requestKey({ kind: "identify", id: 0, nsid: 0, csi: 0 }), "identify 00");
});

Deno.test("what is no question is refused", () => {
  const wrong = ["", "identify", "identify zz", "format 01", "log 02 nsid", "log 02 x=1"];
  for (const key of wrong) assertThrows(() => parseRequestKey(key), SyntaxError, "request");
});

Deno.test("an answer comes back with every byte, its zeros taking no room", () => {
  const page = new Uint8Array(4096);
  page.set([1, 2, 3, 0, 0, 4], 0);
  page.set([0xff, 0xfe], 3000);
  page[4095] = 7;
  const text = answerText({ status: 0, dw0: 0xdeadbeef, data: page });
  assertEquals(text, "deadbeef 4096 0:AQIDAAAE 3000://4= 4095:Bw==");
  assertEquals(parseAnswer(text), { status: 0, dw0: 0xdeadbeef, data: page });
  const empty = { status: 0, dw0: 5, data: new Uint8Array(0) };
  assertEquals(parseAnswer(answerText(empty)), empty);
});

Deno.test("a refusal is its status", () => {
  const refusal = { status: 0x4002, dw0: 0, data: new Uint8Array(0) };
  assertEquals(answerText(refusal), "refused 4002");
  assertEquals(parseAnswer("refused 4002"), refusal);
});

Deno.test("answers of any bytes come back", () => {
  let seed = 1;
  const random = (): number => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0) >>> 16;
  for (let round = 0; round < 200; round++) {
    const data = Uint8Array.from({ length: random() % 600 }, () => random() % 5 ? 0 : random());
    assertEquals(parseAnswer(answerText({ status: 0, dw0: round, data })).data, data);
  }
});

Deno.test("what is no answer is refused, however large it says it is", () => {
  const wrong = ["", "0", "zz 4", "0 99999999999", "0 9999999999", "0 4 0:AQIDBAU=", "0 4 x:AA=="];
  for (const text of wrong) assertThrows(() => parseAnswer(text), SyntaxError);
  assertThrows(() => parseAnswer("0 4 0:!!!!"), SyntaxError);
});
