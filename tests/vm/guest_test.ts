// Everything that shares one guest, in the order in which it may happen: what only looks first,
// what changes drives after, what takes one away last.

import "./suites/nvme_cli.ts";
import "./suites/targets.ts";
import "./suites/verbs.ts";
import "./suites/read.ts";
import "./suites/clone.ts";
import "./suites/safety.ts";
import "./suites/format.ts";
import "./suites/gone.ts";
