import { t } from "../i18n";
import type { Review, Said } from "../types";
import { showDay, showInstant } from "./dates";

/** What the ward said, in its own words. */
export function Note({ review }: { review: Said & Partial<Review> }) {
  return (
    <blockquote class={review.verdict === "return" || review.due !== undefined ? "quote" : "quote calm"}>
      {review.note && <p>“{review.note}”</p>}
      {review.due && <p>{t("phone.task.by", { day: showDay(review.due) })}</p>}
      <p>
        <small>{t("phone.record.note.by", { name: review.by, at: showInstant(review.at) })}</small>
      </p>
    </blockquote>
  );
}
