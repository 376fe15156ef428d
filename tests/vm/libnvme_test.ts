// What libnvme's module does, by nvmectl through the kernel on a served drive, beside nvme-cli: in
// a guest of its own.

import "./suites/libnvme/faults.ts";
import "./suites/libnvme/keys.ts";
import "./suites/libnvme/questions.ts";
import "./suites/libnvme/same_commands.ts";
import "./suites/libnvme/through_kernel.ts";
