import { hideNow } from "../hide";
import { t } from "../i18n";
import { Icon } from "./icon";

/** On every screen: one tap, and nothing of the app is to be seen. */
export function HideNow() {
  return (
    <button type="button" class="round hide" aria-label={t("phone.hide")} title={t("phone.hide")} onClick={hideNow}>
      <Icon name="hide" />
    </button>
  );
}
