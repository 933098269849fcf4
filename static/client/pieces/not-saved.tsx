import { t } from "../i18n";
import { Newer } from "../store/connection";
import { isFull } from "../store/room";
import { Say } from "./say";

/** Why a save failed, and what helps. What was typed is still on the screen in every case. */
export function whyNotSaved(error: unknown): string {
  if (error instanceof Newer) return t("phone.form.not_saved.newer");
  return t(isFull(error) ? "phone.form.not_saved.full" : "phone.form.not_saved");
}

/** The draft is not on the disk. */
export function NotKept() {
  return (
    <Say tone="warn" live>
      {t("phone.form.not_kept")}
    </Say>
  );
}
