import { photosOf } from "../forms/answers";
import { specOf } from "../pieces/titles";
import type { Photo, View } from "../types";
import { t } from "../words";
import { Picture } from "./picture";

/** The photos of a record that its own page shows. */
export function openPhotos(view: View): Photo[] {
  const fields = Object.entries(specOf(view.kind)?.fields ?? {});
  const open = fields.filter(([, field]) => field.widget === "photos" && field.sensitivity !== "restricted");
  return open.flatMap(([name]) => photosOf(view.data[name]));
}

function Side({ title, photos }: { title: string; photos: Photo[] }) {
  return (
    <div class="grow">
      <h3>{title}</h3>
      {photos.length === 0 && <p class="hint">{t("phone.sides.none")}</p>}
      {photos.map((photo, i) => (
        <Picture id={photo.id} which="whole" words={photo.caption || t("phone.photo.n", { n: i + 1 })} key={photo.id} />
      ))}
    </div>
  );
}

/** A site's photos beside those of the last look at it. */
export function Sides(props: { before: View; after: View; days: [before: string, after: string] }) {
  const [before, after] = [openPhotos(props.before), openPhotos(props.after)];
  return (
    <section class="card">
      <h2>{t("phone.sides.title")}</h2>
      <div class="sides">
        <Side title={t("phone.sides.before", { day: props.days[0] })} photos={before} />
        <Side title={t("phone.sides.after", { day: props.days[1] })} photos={after} />
      </div>
    </section>
  );
}
