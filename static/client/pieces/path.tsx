import { toLookAt } from "../health";
import { type Key, t } from "../i18n";
import { countsOf } from "../photos/counts";
import type { View } from "../types";
import { showInstant } from "./dates";
import { Icon } from "./icon";
import { isWriteOnly } from "../store/write-only";
import { fieldName, specOf } from "./titles";

interface Way {
  /** How far: 1 on this phone, 2 the ward has it, 3 the ward's verdict. */
  reached: 1 | 2 | 3;
  tone: "" | "ward" | "ok" | "fix";
  strong: string;
  rest: string;
}

/** Whether the ward asks for a correction that has not been written yet. */
export function isTask(view: View): boolean {
  return view.ward === "returned" && view.status === "sent" && view.mine && !view.withdrawn;
}

/** Whether the writer may still change a record: nobody has judged it, or the ward sent it back. */
export function isOpen(view: View): boolean {
  const open = [null, "received", "needs_fixing", "returned", "answered"].includes(view.ward);
  return open && !view.withdrawn && !isWriteOnly(view.kind) && (view.mine || specOf(view.kind)?.sharing === "group");
}

/** The person's own records on which the ward has spoken, newest verdict first. */
export function newsOf(all: View[]): View[] {
  return all
    .filter((view) => view.mine && view.review && !view.withdrawn)
    .sort((a, b) => b.review!.at.localeCompare(a.review!.at));
}

/** The names of the fields that the ward pinned, in one line. */
export function pinnedNames(view: View): string {
  return Object.keys(view.review?.pins ?? {}).map((field) => fieldName(view.kind, field)).join(", ");
}

function verdict(view: View): Way | null {
  const at = view.review ? ` · ${showInstant(view.review.at)}` : "";
  const what = pinnedNames(view);
  const done = (key: Key): Way => ({ reached: 3, tone: "ok", strong: t(key), rest: at });
  switch (view.ward) {
    case "returned":
      return { reached: 3, tone: "fix", strong: what ? t("phone.path.returned.what", { what }) : t("phone.path.returned"), rest: "" };
    case "accepted":
      return done("phone.path.accepted");
    case "closed":
      return done(view.kind === "hazard_site" ? "phone.path.closed" : "phone.path.closed.plain");
    case "duplicate":
      return done("phone.path.duplicate");
    case "withdrawn":
      return { ...done("phone.path.withdrawn"), rest: "" };
    default:
      return null;
  }
}

/** Where a record is on its way from the phone to the ward's verdict, in dots and in words. */
export function wayOf(view: View): Way {
  if (view.status === "phone") {
    const isStuck = toLookAt.value.some((one) => one.record === view.id);
    if (isStuck) return { reached: 1, tone: "", strong: t("phone.path.stuck"), rest: ` ${t("phone.path.stuck.say")}` };
    const strong = t(view.withdrawn ? "phone.path.withdrawn" : view.ward ? "phone.path.edit_waiting" : "phone.path.here");
    return { reached: 1, tone: "", strong, rest: ` ${t("phone.path.waiting")}` };
  }
  const judged = verdict(view);
  if (judged) return judged;
  if (view.ward === "needs_fixing") return { reached: 2, tone: "ward", strong: t("phone.path.needs_fixing"), rest: "" };
  if (view.ward === "quarantined") return { reached: 2, tone: "ward", strong: t("phone.path.quarantined"), rest: "" };
  if (!view.ward) return { reached: 2, tone: "ward", strong: t("phone.path.held"), rest: "" };
  return { reached: 2, tone: "ward", strong: t("phone.path.received"), rest: view.received ? ` ${showInstant(view.received)}` : "" };
}

function dotClass(way: Way, place: number): string | undefined {
  if (place > way.reached) return undefined;
  if (way.tone === "fix") return place === 3 ? "on fix" : "on ward";
  return `on ${way.tone}`;
}

/** The path: three dots and always the words beside them. */
export function Path({ view }: { view: View }) {
  const way = wayOf(view);
  const { here, sent } = countsOf(view);
  const signs = ["phone", "ward", way.tone === "fix" ? "return" : "check"];
  return (
    <p class="path">
      <span class="rail" aria-hidden="true">
        {signs.map((sign, i) => (
          <b class={dotClass(way, i + 1)} key={sign}>
            <Icon name={sign} />
          </b>
        ))}
      </span>
      <span>
        <strong>{way.strong}</strong>
        {way.rest}
        {sent < here && <span class="line">{t("phone.photos.sent", { sent, all: here })}</span>}
      </span>
    </p>
  );
}
