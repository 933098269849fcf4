import { render } from "preact";

import { App } from "./app";
import { watchUpdates } from "./app-update";
import { tellTrouble } from "./health";
import { watchInstall } from "./install";
import { fetchLater } from "./later";
import { theme, wear } from "./screens/seen";
import { start } from "./state";
import { hasMarks } from "./store/canary";

// Somebody uses this phone: the first that she sees is her lock.
if (hasMarks()) void import("./lock/part").catch(() => undefined);
wear(theme.value);
watchInstall();
// Without a worker the app still works online; the notice "ready for offline use" then never shows.
void watchUpdates().catch(() => undefined);
render(<App />, document.getElementById("app")!);
start().then(() => whenIdle(() => void fetchLater()), tellTrouble);

function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "undefined") setTimeout(work, 1_000);
  else requestIdleCallback(work, { timeout: 3_000 });
}
