import { w } from "../i18n";
import { answerWords } from "../pieces/titles";
import type { Field, FormSpec, View } from "../types";
import { t } from "../words";

/** The answers in words by section: those of one owner, the phone's or the desk's. */
export function Answers({ spec, view, owner }: { spec: FormSpec; view: View; owner: Field["owner"] }) {
  const filled = spec.sections
    .map((section) => ({
      section,
      rows: section.fields.flatMap((name) => {
        const field = spec.fields[name];
        // Photos have a place of their own below.
        const words = field?.owner === owner && field.widget !== "photos" ? answerWords(field, view.data[name]) : "";
        return words ? [{ name, words }] : [];
      }),
    }))
    .filter(({ rows }) => rows.length);
  if (!filled.length) return owner === "phone" ? <p class="hint">{t("phone.record.none")}</p> : null;
  return (
    <>
      {filled.map(({ section, rows }) => (
        <section class="card" key={section.id}>
          <h2>{w(section.label)}</h2>
          <dl class="facts">
            {rows.map(({ name, words }) => (
              <div key={name}>
                <dt>{w(spec.fields[name]!.label)}</dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
