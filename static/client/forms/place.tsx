import { useLayoutEffect } from "preact/hooks";

import { t } from "../i18n";
import { fetchLater, later, laterFailed } from "../later";
import type { WidgetProps } from "./fields";

/** A place. What measures and draws comes with the later screens; until then the address can be written. */
export function PlaceInput(props: WidgetProps) {
  useLayoutEffect(() => void (later.value ?? fetchLater()), []);
  if (later.value) return <later.value.PlaceInput {...props} />;
  return <p class="hint">{t(laterFailed.value ? "phone.part.missing" : "phone.starting")}</p>;
}
