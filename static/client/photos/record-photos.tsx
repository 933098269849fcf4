import { useState } from "preact/hooks";

import { photosOf } from "../forms/answers";
import { w } from "../i18n";
import { showInstant } from "../pieces/dates";
import { photos, syncState } from "../state";
import type { Field, FormSpec, Photo, View } from "../types";
import { type LaterKey, t } from "../words";
import { Picture } from "./picture";
import { countsOf, faultWords } from "./counts";

/** How far one photo is, as this phone knows. */
function stateOf(photo: Photo): LaterKey | null {
  const row = photos.value.find((one) => one.id === photo.id);
  if (!row) return null;
  if (row.kept) return "phone.photo.state.kept";
  if (row.fault) return faultWords(row.fault);
  return syncState.value.phase === "needsSignIn" ? "phone.photo.state.signin" : "phone.photo.state.waits";
}

function Shown({ photo, n }: { photo: Photo; n: number }) {
  const [open, setOpen] = useState(false);
  const title = t("phone.photo.n", { n });
  const state = stateOf(photo);
  const facts = [photo.taken && showInstant(photo.taken), photo.place && t("phone.photo.has_place"), state && t(state)];
  return (
    <li class={open ? "wide" : undefined}>
      <button type="button" class="shot" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Picture id={photo.id} which={open ? "whole" : "thumb"} words={photo.caption || title} />
      </button>
      {open && photo.caption && <p><strong>{photo.caption}</strong></p>}
      {open && <p class="hint">{facts.filter(Boolean).join(" · ")}</p>}
    </li>
  );
}

function One({ field, name, view }: { field: Field; name: string; view: View }) {
  const all = photosOf(view.data[name]);
  if (!all.length) return null;
  const { here, sent } = countsOf(view);
  const isGuarded = field.sensitivity === "restricted";
  return (
    <section class="card stack">
      <h2>{w(field.label)}</h2>
      <p class="hint">{here ? t("phone.photos.sent", { sent, all: here }) : t("phone.photos.there", { n: all.length })}</p>
      {isGuarded ? <p>{t("phone.photos.guarded")}</p> : (
        <ul class="shots">
          {all.map((photo, i) => <Shown photo={photo} n={i + 1} key={photo.id} />)}
        </ul>
      )}
    </section>
  );
}

/** The photos of a record, as far as this phone has them or the ward is in reach. */
export function RecordPhotos({ spec, view }: { spec: FormSpec; view: View }) {
  const fields = Object.entries(spec.fields).filter(([, field]) => field.widget === "photos");
  return <>{fields.map(([name, field]) => <One field={field} name={name} view={view} key={name} />)}</>;
}
