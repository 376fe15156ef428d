// Media and Data Integrity Errors: data that could not be stored, read back or trusted (type 2h).

import { statusTable } from "./table.ts";

/** Media and data integrity error values. */
export const MEDIA = statusTable(0x2, "[BASE-2.1 §4.2.3.3, Fig. 106]", {
  writeFault: {
    code: 0x80,
    name: "Write Fault",
    meaning: "The data could not be stored on the media.",
    next: "Back up what matters, then run `nvmectl health` and plan to replace the drive.",
  },
  unrecoveredRead: {
    code: 0x81,
    name: "Unrecovered Read Error",
    meaning: "The media could not give the data back; these blocks are lost.",
    next: "Back up what still reads, find the block in `nvmectl log error`, and run " +
      "`nvmectl health`; rewriting the block may heal it.",
  },
  guard: {
    code: 0x82,
    name: "End-to-end Guard Check Error",
    meaning: "The data does not match its checksum: it changed on the way or on the media.",
    next: "Read it again; if it fails again, restore it from a backup and run `nvmectl health`.",
  },
  applicationTag: {
    code: 0x83,
    name: "End-to-end Application Tag Check Error",
    meaning: "The block's application tag is not the one that was expected.",
    next: "Check which application tag and mask the writer used; the data itself may be fine.",
  },
  referenceTag: {
    code: 0x84,
    name: "End-to-end Reference Tag Check Error",
    meaning: "The block's reference tag is not the one expected; it may belong elsewhere.",
    next: "Check the reference tag that the reader expects; if it is right, restore the block.",
  },
  compare: {
    code: 0x85,
    name: "Compare Failure",
    meaning: "What is stored differs from what was sent for comparison.",
  },
  accessDenied: {
    code: 0x86,
    name: "Access Denied",
    meaning: "These blocks are locked, usually by the drive's own encryption (TCG Opal).",
    next: "Unlock the range with the tool that locked it (TCG Opal, for example).",
  },
  unwritten: {
    code: 0x87,
    name: "Deallocated or Unwritten Logical Block",
    meaning: "Nothing is stored in these blocks, and the drive was told to treat that as an error.",
    next: "Write the blocks first, or clear DULBE in the Error Recovery feature (05h).",
  },
  storageTag: {
    code: 0x88,
    name: "End-to-End Storage Tag Check Error",
    meaning: "The block's storage tag is not the one that was expected.",
    next: "Check which storage tag the writer used; the data itself may be fine.",
  },
});
