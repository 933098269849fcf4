import { useEffect, useRef, useState } from "preact/hooks";

import { photosOf } from "../forms/answers";
import type { WidgetProps } from "../forms/fields";
import { answer, working } from "../forms/working";
import { SignButton } from "../pieces/button";
import { showInstant } from "../pieces/dates";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { photos } from "../state";
import type { Photo } from "../types";
import { type LaterKey, t } from "../words";
import { Picture } from "./picture";
import { Refused } from "./redraw";
import { NoRoom, take, takeOut } from "./take";

const TYPES = "image/jpeg,image/png,image/webp";
/** Which form was open when the camera was called; it is still there when the phone closed the app meanwhile. */
const CALLED = "camera";

/** Bytes in words. */
const size = (bytes: number) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`);

export function whyNot(error: unknown): LaterKey {
  if (error instanceof NoRoom) return "phone.photo.no_room";
  if (error instanceof Refused) return `phone.photo.${error.code}`;
  return "phone.photo.failed";
}

/** A way to get files: the camera, or what lies on the phone. */
function usePicker(camera: boolean, many: boolean, got: (files: File[]) => void) {
  const ref = useRef<HTMLInputElement>(null);
  const ended = () => {
    if (camera) sessionStorage.removeItem(CALLED);
  };
  const change = () => {
    const files = [...(ref.current?.files ?? [])];
    // So that the same file can be chosen again.
    if (ref.current) ref.current.value = "";
    ended();
    if (files.length) got(files);
  };
  const call = () => {
    if (camera) sessionStorage.setItem(CALLED, working.value?.id ?? "");
    ref.current?.click();
  };
  const input = <input type="file" hidden ref={ref} accept={TYPES} multiple={many} {...(camera && { capture: "environment" })} onChange={change} onCancel={ended} />;
  return { input, call };
}

/** The phone closed the app while its camera was open: the photo did not come back with it. */
function useClosedByCamera(): boolean {
  const [was] = useState(() => sessionStorage.getItem(CALLED) === (working.value?.id ?? ""));
  useEffect(() => {
    const seen = () => void (document.visibilityState === "visible" && setTimeout(() => sessionStorage.removeItem(CALLED), 2_000));
    sessionStorage.removeItem(CALLED);
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, []);
  return was;
}

/** Take files in, one after the other; what it is doing, and what went wrong. */
function useTaking(props: WidgetProps, original: boolean) {
  const [busy, setBusy] = useState(0);
  const [said, setSaid] = useState<{ key: LaterKey; good: boolean } | null>(null);
  const most = props.field.most ?? 8;
  const add = async (files: File[], instead?: string) => {
    const room = instead ? 1 : most - photosOf(working.value?.values[props.name]).length;
    setSaid(null);
    let wrong: LaterKey | null = files.length > room ? "phone.photo.too_many" : null;
    for (const [i, file] of files.slice(0, room).entries()) {
      setBusy(files.length - i);
      await take(file, { name: props.name, field: props.field, original, ...(instead && { instead }) }).catch((error: unknown) => (wrong = whyNot(error)));
    }
    setBusy(0);
    setSaid(wrong ? { key: wrong, good: false } : { key: "phone.photo.kept", good: true });
  };
  return { busy, said, add };
}

function Shot(props: { photo: Photo; n: number; all: Photo[]; hidden: boolean; open: boolean; toggle: () => void; name: string; again: (id: string) => void }) {
  const { photo, n, name } = props;
  const [asked, setAsked] = useState(false);
  const title = t("phone.photo.n", { n });
  const set = (next: Photo[]) => answer(name, next);
  const move = (by: number) => {
    const next = props.all.filter((one) => one.id !== photo.id);
    next.splice(n - 1 + by, 0, photo);
    set(next);
  };
  const caption = (text: string) => set(props.all.map((one) => (one.id === photo.id ? { ...one, caption: text } : one)));
  const facts = [photo.taken && showInstant(photo.taken), photo.place && t("phone.photo.has_place"), size(photo.size), photo.original && t("phone.photo.original")];
  return (
    <li class="card">
      <button type="button" class="shot" aria-expanded={props.open} onClick={props.toggle}>
        {props.hidden ? <span class="thumb none"><Icon name="lock" /></span> : <Picture id={photo.id} which="thumb" words="" />}
        <span class="grow">
          <strong class="line">{title}</strong>
          <small>{photo.caption || t("phone.photo.touch")}</small>
        </span>
        <Icon name={props.open ? "close" : "down"} />
      </button>
      {props.open && (
        <div class="stack">
          {!props.hidden && <Picture id={photo.id} which="whole" words={photo.caption || title} />}
          <p class="hint">{facts.filter(Boolean).join(" · ")}</p>
          <div class="field off">
            <label for={`c-${photo.id}`}>{t("phone.photo.caption")}</label>
            <input class="in" id={`c-${photo.id}`} maxLength={300} autocomplete="off" spellcheck={false} value={photo.caption} onInput={(event) => caption(event.currentTarget.value)} />
          </div>
          {asked ? (
            <Say tone="warn">
              <p>{t("phone.photo.remove.sure")}</p>
              <div class="chips">
                <button type="button" class="btn stop" onClick={() => void takeOut(name, photo.id)}>{t("phone.photo.remove.yes")}</button>
                <button type="button" class="btn" onClick={() => setAsked(false)}>{t("phone.photo.remove.no")}</button>
              </div>
            </Say>
          ) : (
            <div class="chips">
              <SignButton icon="camera" onClick={() => props.again(photo.id)}>{t("phone.photo.again")}</SignButton>
              {n > 1 && <button type="button" class="btn" onClick={() => move(-1)}>{t("phone.photo.earlier")}</button>}
              {n < props.all.length && <button type="button" class="btn" onClick={() => move(1)}>{t("phone.photo.later")}</button>}
              <SignButton icon="close" class="quiet" onClick={() => setAsked(true)}>{t("phone.photo.remove")}</SignButton>
            </div>
          )}
        </div>
      )}
    </li>
  );
}

/** The photos of an open form: taken, looked at, named, put in order, taken out again. */
export function PhotosInput(props: WidgetProps) {
  const all = photosOf(props.value);
  const most = props.field.most ?? 8;
  const [open, setOpen] = useState<string | null>(null);
  const [original, setOriginal] = useState(all.some((one) => one.original));
  const { busy, said, add } = useTaking(props, original);
  const instead = useRef<string | undefined>(undefined);
  const closed = useClosedByCamera();
  const camera = usePicker(true, false, (files) => {
    void add(files, instead.current);
  });
  const again = (id: string | undefined) => {
    instead.current = id;
    camera.call();
  };
  const gallery = usePicker(false, true, (files) => void add(files));
  // A report's photos are not opened here any more once it is saved, whoever holds the phone.
  const isHidden = (id: string) => props.field.sensitivity === "restricted" && !photos.value.some((row) => row.id === id && row.draft);
  const known = new Set(photos.value.map((row) => row.id));
  const lost = all.filter((one) => !known.has(one.id) && !photosOf(working.value?.base[props.name]).some(({ id }) => id === one.id));
  return (
    <div class="stack">
      {all.length > 0 && (
        <ul class="stack">
          {all.map((photo, i) => (
            <Shot
              photo={photo} n={i + 1} all={all} hidden={isHidden(photo.id)} name={props.name} key={photo.id}
              open={open === photo.id} toggle={() => setOpen(open === photo.id ? null : photo.id)}
              again={again}
            />
          ))}
        </ul>
      )}
      {lost.length > 0 && <Say tone="warn">{t("phone.photo.lost", { n: lost.length })}</Say>}
      {closed && <Say tone="warn">{t("phone.photo.closed")}</Say>}
      {props.field.original && all.length < most && (
        <label class="chip long">
          <input type="checkbox" checked={original} onChange={() => setOriginal(!original)} />
          <span><span class="in-code">{t("phone.photo.keep_original")}<small>{t("phone.photo.keep_original.say")}</small></span></span>
        </label>
      )}
      {camera.input}
      {gallery.input}
      {busy > 0 ? (
        <p class="row" role="status"><Icon name="camera" /> <span class="grow">{t("phone.photo.busy", { n: busy })}</span></p>
      ) : all.length < most ? (
        <div class="chips">
          <SignButton icon="camera" id={props.id} class="grow" onClick={() => again(undefined)}>{t("phone.photo.take")}</SignButton>
          <SignButton icon="picture" class="grow" onClick={() => gallery.call()}>{t("phone.photo.choose")}</SignButton>
        </div>
      ) : null}
      <p class="hint">{t(all.length < most ? "phone.photo.count" : "phone.photo.full", { n: all.length, most })}</p>
      {said && <Say tone={said.good ? "good" : "warn"} live>{t(said.key, { most })}</Say>}
    </div>
  );
}
