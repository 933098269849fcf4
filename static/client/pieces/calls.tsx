import { t, w } from "../i18n";
import { kit } from "../state";
import type { Kit } from "../types";
import { Icon } from "./icon";

/** Shown before the kit has ever come: these numbers are the same everywhere in the country. */
const ALWAYS: Kit["numbers"] = [
  { tel: "111", icon: "child", label: ["Bảo vệ trẻ em", "Child protection"] },
  { tel: "113", icon: "police", label: ["Công an", "Police"] },
  { tel: "114", icon: "flame", label: ["Cứu hỏa, cứu nạn", "Fire and rescue"] },
  { tel: "115", icon: "cross", label: ["Cấp cứu", "Ambulance"] },
];

type Call = Kit["numbers"][number];

/** The numbers to call: the nation's and the ward's, short ones first. */
export function calls(): Call[] {
  const known = kit.value?.numbers ?? [];
  return known.length ? known : ALWAYS;
}

const isShort = (call: Call) => call.tel.length <= 4;

/** The emergency row: on home and sign-in, one tap away. */
export function Sos() {
  return (
    <nav class="sos" aria-label={t("phone.sos.label")}>
      {calls().map((call) => (
        <a href={`tel:${call.tel}`} key={call.tel} aria-label={t("phone.sos.call", { tel: isShort(call) ? call.tel : "", who: w(call.label) })}>
          <Icon name={call.icon} />
          <b>{isShort(call) ? call.tel : t("phone.sos.ward")}</b>
        </a>
      ))}
    </nav>
  );
}

/** First thing in a form about a child in danger: call, then write. */
export function DangerBlock() {
  return (
    <section class="danger" aria-labelledby="danger">
      <h2 id="danger">
        <Icon name="alert" /> {t("phone.danger.title")}
      </h2>
      <p>
        <strong>{t("phone.danger.first")}</strong>
      </p>
      <div class="calls">
        {calls().filter((call) => call.tel !== "114").map((call) => (
          <a href={`tel:${call.tel}`} key={call.tel}>
            <Icon name="call" />
            <span>
              <b class={isShort(call) ? undefined : "word"}>{isShort(call) ? call.tel : t("phone.sos.ward")}</b>
              {w(call.label)}
            </span>
          </a>
        ))}
      </div>
      <p>{t("phone.danger.note")}</p>
    </section>
  );
}
