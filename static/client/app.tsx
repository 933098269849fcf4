import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { leave, isWriting, resume, working } from "./forms/working";
import { alarmed, trouble } from "./health";
import { hidden, stayHidden } from "./hide";
import { type Key, lang, t } from "./i18n";
import { fetchLater, later, laterFailed } from "./later";
import { Heading } from "./pieces/heading";
import { HideNow } from "./pieces/hide-now";
import { recordOf } from "./pieces/titles";
import { address, type Route, routeOf, takeCode } from "./route";
import { Home } from "./screens/home";
import { SignIn } from "./screens/sign-in";
import { gate, loaded, session } from "./state";
import type { Gate } from "./state";
import type { Draft, View } from "./types";

/** The document's title of each screen. It never holds a name: titles show in histories and task lists. */
const TITLES: Record<string, Key> = {
  "": "phone.title.home",
  "sign-in": "phone.title.sign_in",
  new: "phone.title.form",
  edit: "phone.title.form",
  form: "phone.title.form",
  pick: "phone.title.picker",
  saved: "phone.title.saved",
  records: "phone.title.records",
  record: "phone.title.record",
  list: "phone.title.children",
  inbox: "phone.title.inbox",
  due: "phone.title.due",
  shared: "phone.title.shared",
  sync: "phone.title.sync",
  me: "phone.title.me",
  phone: "phone.title.phone",
};

/** Screens on which the open form is still open. */
const WRITING = new Set(["new", "edit", "form", "pick", "record"]);

function Missing() {
  return (
    <div class="phone">
      <HideNow />
      <main class="page empty">
        <Heading>{t("phone.title.missing")}</Heading>
        <p>{t("phone.missing.say")}</p>
        <a class="btn" href="#/">
          {t("phone.missing.home")}
        </a>
      </main>
    </div>
  );
}

function Opening() {
  return <p class="empty">{t("phone.starting")}</p>;
}

/** A screen about the draft with this id, read from the phone when it is not in memory. */
function WithDraft({ id, draw }: { id: string; draw: (draft: Draft) => ComponentChildren }) {
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setGone(false);
    void resume(id).then((found) => setGone(!found));
  }, [id]);
  const draft = working.value;
  if (draft?.id === id) return <>{draw(draft)}</>;
  return gone ? <Missing /> : <Opening />;
}

/** Start something, then let the address say where it is. */
function Start({ run }: { run: () => Promise<boolean> }) {
  const [gone, setGone] = useState(false);
  // Before painting: the form follows at once, and an empty screen between would only cost time.
  useLayoutEffect(() => void run().then((found) => setGone(!found)), []);
  return gone ? <Missing /> : <Opening />;
}

function ofRecord(id: string | undefined, draw: (view: View) => ComponentChildren) {
  const view = id ? recordOf(id) : undefined;
  return view ? draw(view) : <Missing />;
}

function screen({ name, rest: [first, second] }: Route): ComponentChildren {
  if (!name) return <Home />;
  return <Later draw={(screens) => laterScreen(screens, { name, rest: [first ?? "", second ?? ""] })} />;
}

function laterScreen(screens: Screens, { name, rest: [first, second] }: Route): ComponentChildren {
  switch (name) {
    case "new":
      return <Start key={address.value} run={() => screens.startNew(first!, second)} />;
    case "edit":
      return <Start key={address.value} run={() => screens.startEdit(first!)} />;
    case "form":
      return <WithDraft id={first!} draw={(draft) => <screens.RecordForm draft={draft} step={Number(second || 1) - 1} />} />;
    case "saved":
      return ofRecord(first, (view) => <screens.Saved view={view} />);
    case "pick":
      return <WithDraft id={first!} draw={(draft) => <screens.Picker draft={draft} field={second!} />} />;
    case "records":
      return <screens.Records only={first === "here" || first === "fix" ? first : "all"} />;
    case "record":
      return ofRecord(first, (view) => <screens.RecordPage view={view} key={view.id} />);
    case "list":
      return <screens.Carried kind={first!} />;
    case "due":
      return <screens.DueList />;
    case "shared":
      return <screens.WithPictures draw={(part) => <part.Shared />} />;
    case "inbox":
      return <screens.Inbox />;
    case "sync":
      return <screens.Sync />;
    case "me":
      return <screens.Me />;
    case "phone":
      return <screens.ThisPhone />;
    default:
      return <Missing />;
  }
}

type Screens = NonNullable<typeof later.value>;

/** A screen of the later ones, which are here by then unless the phone is slow or the signal was lost at the first visit. */
function Later({ draw }: { draw: (screens: Screens) => ComponentChildren }) {
  useLayoutEffect(() => void (later.value ?? fetchLater()), []);
  if (later.value) return <>{draw(later.value)}</>;
  if (!laterFailed.value) return <Opening />;
  return <PartMissing />;
}

/** A part of the app did not come. */
function PartMissing() {
  return (
    <div class="phone">
      <HideNow />
      <main class="page empty">
        <Heading>{t("phone.part.missing")}</Heading>
        <p>{t("phone.part.missing.say")}</p>
        <button type="button" class="btn main" onClick={() => location.reload()}>
          {t("phone.part.reload")}
        </button>
        <a class="btn" href="#/">
          {t("phone.missing.home")}
        </a>
      </main>
    </div>
  );
}

type LockPart = typeof import("./lock/part");

/** The screen of the lock is a chunk of its own: a phone that nobody uses yet does without. */
function Locked(props: { gate: Gate }) {
  const [part, setPart] = useState<LockPart | null>(null);
  const [failed, setFailed] = useState(false);
  useLayoutEffect(() => void import("./lock/part").then(setPart, () => setFailed(true)), []);
  if (part) return <part.LockScreen gate={props.gate} />;
  return failed ? <PartMissing /> : <Opening />;
}

/** Blank until the calendar is there: hiding waits for nothing. */
function Hidden() {
  useLayoutEffect(() => void fetchLater(), []);
  return later.value && <later.value.Calendar />;
}

const code = takeCode();

/** Which screen for which address. */
export function App() {
  const route = routeOf(address.value);
  const signsIn = route.name === "sign-in" || (gate.value ? gate.value.wiped : !session.value);
  const name = signsIn ? "sign-in" : route.name;
  useLayoutEffect(() => {
    document.title = hidden.value ? new Date().toLocaleDateString(lang.value, { month: "long", year: "numeric" }) : `${t(TITLES[name] ?? "phone.title.missing")} · Tổ Ấm`;
    if (hidden.value) stayHidden();
  });
  useEffect(() => {
    if (hidden.value || gate.value || !WRITING.has(route.name)) void leave();
  }, [route.name, hidden.value, gate.value]);
  if (hidden.value) return <Hidden />;
  // An open form stays in sight, whatever happens to the store: its words are in memory.
  if (trouble.value && !isWriting.value) return <Later draw={(screens) => <screens.NoStore />} />;
  if (!loaded.value) return null;
  if (signsIn) return <SignIn code={code} />;
  if (gate.value) return <Locked gate={gate.value} />;
  if (alarmed.value && !isWriting.value && !laterFailed.value) return <Later draw={(screens) => <screens.Lost />} />;
  return <>{screen(route)}</>;
}
