import { useState } from "preact/hooks";

import { Say } from "../pieces/say";
import { NewCode } from "./choosing";
import { CodeBox } from "./code-box";
import { change } from "./opening";
import { t } from "./words";

/** Another code, after the present one. */
export function ChangeCode() {
  const [now, setNow] = useState("");
  const [done, setDone] = useState(false);
  if (done) return <Say tone="good" live>{t("phone.lock.change.done")}</Say>;
  return (
    <details class="fold">
      <summary>{t("phone.lock.change")}</summary>
      <CodeBox id="present-code" kind="phrase" label="phone.lock.change.now" value={now} change={setNow} />
      <NewCode
        go="phone.lock.change"
        set={async (code, kind) => {
          if (!(await change(now, code, kind))) return "phone.lock.change.wrong";
          setDone(true);
          return null;
        }}
      />
    </details>
  );
}
