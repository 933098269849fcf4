import { t } from "../i18n";
import type { Review } from "../types";
import { showInstant } from "./dates";

/** What the ward said, in its own words. */
export function Note({ review }: { review: Review }) {
  return (
    <blockquote class={review.verdict === "return" ? "quote" : "quote calm"}>
      {review.note && <p>“{review.note}”</p>}
      <p>
        <small>{t("phone.record.note.by", { name: review.by, at: showInstant(review.at) })}</small>
      </p>
    </blockquote>
  );
}
