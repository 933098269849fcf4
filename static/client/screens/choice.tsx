import { useState } from "preact/hooks";

import { showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { answerWords, fieldName, specOf } from "../pieces/titles";
import { isOpen } from "../pieces/path";
import { whyNotSaved } from "../pieces/not-saved";
import { choose } from "../state";
import type { Value, View } from "../types";
import { t } from "../words";

type Open = View["conflicts"][number];

/** One of the values: what, whose, when. */
interface Way {
  value: Value;
  name: string;
  at: string;
  inForce: boolean;
}

function waysOf(conflicts: Open[]): Way[] {
  const first = conflicts[0]!;
  const ways: Way[] = [{ value: first.kept, name: first.kept_name, at: first.kept_at, inForce: true }];
  for (const one of conflicts) ways.push({ value: one.other, name: one.other_name, at: one.other_at, inForce: false });
  return ways;
}

function words(view: View, field: string, value: Value): string {
  const known = specOf(view.kind)?.fields[field];
  return (known ? answerWords(known, value) : String(value ?? "")) || t("phone.record.empty_answer");
}

/** Two phones answered one question differently: both answers, and the choice between them. */
function Field({ view, field, conflicts }: { view: View; field: string; conflicts: Open[] }) {
  const [picked, setPicked] = useState<number | null>(null);
  const [why, setWhy] = useState("");
  const ways = waysOf(conflicts);
  const save = () => {
    if (picked === null) return setWhy(t("phone.choice.none"));
    void choose(view, field, ways[picked]!.value).catch((error: unknown) => setWhy(whyNotSaved(error)));
  };
  if (conflicts.every((one) => one.chosen)) {
    return (
      <Say tone="good">
        <p><strong>{`${fieldName(view.kind, field)}: ${words(view, field, view.data[field])}`}</strong></p>
        <p>{t("phone.choice.made")}</p>
      </Say>
    );
  }
  const open = isOpen(view);
  return (
    <fieldset class="field off stack">
      <legend>{fieldName(view.kind, field)}</legend>
      {ways.map((way, i) => (
        <Answer key={i} way={way} words={words(view, field, way.value)} field={field} pick={open ? () => setPicked(i) : null} picked={picked === i} />
      ))}
      {why && <Say tone="bad" live>{why}</Say>}
      {open && (
        <button type="button" class="btn main wide" onClick={save}>
          {picked === null ? t("phone.choice.go") : t("phone.choice.go.this", { value: words(view, field, ways[picked]!.value) })}
        </button>
      )}
    </fieldset>
  );
}

function Answer(props: { way: Way; words: string; field: string; pick: (() => void) | null; picked: boolean }) {
  const { way } = props;
  const by = t("phone.record.conflict.by", { name: way.name, at: showInstant(way.at) });
  const said = (
    <span class="grow">
      <span>
        <strong class="line">{props.words}</strong>
        <small class="line">{way.inForce ? `${t("phone.record.conflict.ours")} · ${by}` : by}</small>
      </span>
    </span>
  );
  if (!props.pick) return <div class="chosen">{said}</div>;
  return (
    <label class="chip long">
      <input type="radio" name={`choice-${props.field}`} checked={props.picked} onChange={props.pick} />
      {said}
    </label>
  );
}

/** The fields of a record about which two phones disagree. */
export function Choices({ view }: { view: View }) {
  const fields = [...new Set(view.conflicts.map((one) => one.field))];
  if (!fields.length) return null;
  return (
    <section class="card stack">
      <h2 class="row">
        <Icon name="fork" /> {t("phone.record.conflict")}
      </h2>
      <p>{t(isOpen(view) ? "phone.choice.say" : "phone.record.conflict.kept")}</p>
      {fields.map((field) => (
        <Field view={view} field={field} conflicts={view.conflicts.filter((one) => one.field === field)} key={field} />
      ))}
    </section>
  );
}
