// A virtual drive served over NVMe/TCP, used by the kernel, nvme-cli and nvmectl: in a guest of its
// own, in the order in which it may happen. What only looks comes first.

import "./suites/served/connect.ts";
import "./suites/served/identify.ts";
import "./suites/served/registers.ts";
import "./suites/served/commands.ts";
import "./suites/served/features.ts";
import "./suites/served/self_tests.ts";
import "./suites/served/telemetry.ts";
import "./suites/served/firmware.ts";
import "./suites/served/namespaces.ts";
import "./suites/served/formats.ts";
import "./suites/served/files.ts";
import "./suites/served/sanitize.ts";
import "./suites/served/multipath.ts";
import "./suites/served/power.ts";
