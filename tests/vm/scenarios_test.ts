// The fault scenarios of a served drive, each by the effect that the kernel shows, in a guest of
// their own: its drives reset, disappear and refuse.

import "./suites/scenarios/talk.ts";
import "./suites/scenarios/blocks.ts";
import "./suites/scenarios/link.ts";
import "./suites/scenarios/health.ts";
import "./suites/scenarios/controller.ts";
import "./suites/scenarios/plugins.ts";
import "./suites/scenarios/paths.ts";
