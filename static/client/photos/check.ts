/** The check of a row of photos; the twin of app/kinds/pictures.py. Both run tests/vectors/checks.json. Pure. */

import { type Outcome, isRecordId, isShort, lateChecks, readPlace } from "../forms/checks";
import type { Field, Photo } from "../types";
import { clean } from "../vietnamese";

function readPhotos(field: Field, value: unknown): Outcome {
  const photos = Array.isArray(value) ? value.map(readPhoto) : [null];
  if (photos.includes(null) || new Set(photos.map((one) => one!.id)).size < photos.length) return { code: "not_photos" };
  return photos.length > (field.most ?? 8) ? { code: "too_many_photos" } : { value: photos as Photo[] };
}

function readPhoto(value: unknown): Photo | null {
  const { id, sha256, size, type, width, height, taken = null, place = null, caption = "", original = false } = (value ?? {}) as Photo;
  const fits =
    isRecordId(id) &&
    typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) &&
    ["image/jpeg", "image/webp", "image/png"].includes(type) &&
    [size, width, height].every((one) => Number.isInteger(one) && one > 0 && one <= 40_000_000) &&
    (place === null || "value" in readPlace(place)) &&
    (taken === null || isShort(taken, 40)) &&
    isShort(caption, 300) &&
    typeof original === "boolean";
  return fits ? { id, sha256, size, type, width, height, taken, place, caption: clean(caption), original } : null;
}

lateChecks.photos = readPhotos;
