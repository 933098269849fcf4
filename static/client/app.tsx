import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { leave, resume, working } from "./forms/working";
import { type Key, t } from "./i18n";
import { Heading } from "./pieces/heading";
import { recordOf } from "./pieces/titles";
import { address, type Route, routeOf, takeCode } from "./route";
import { Carried } from "./screens/children";
import { Picker } from "./screens/child-picker";
import { Home } from "./screens/home";
import { Inbox } from "./screens/inbox";
import { Me } from "./screens/me";
import { RecordForm } from "./screens/record-form";
import { RecordPage } from "./screens/record";
import { Records } from "./screens/records";
import { Saved } from "./screens/saved";
import { SignIn } from "./screens/sign-in";
import { startEdit, startNew } from "./screens/start-form";
import { Sync } from "./screens/sync";
import { loaded, session } from "./state";
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
  sync: "phone.title.sync",
  me: "phone.title.me",
};

/** Screens on which the open form is still open. */
const WRITING = new Set(["new", "edit", "form", "pick", "record"]);

function Missing() {
  return (
    <div class="phone">
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
  switch (name) {
    case "":
      return <Home />;
    case "new":
      return <Start key={address.value} run={() => startNew(first ?? "", second)} />;
    case "edit":
      return <Start key={address.value} run={() => startEdit(first ?? "")} />;
    case "form":
      return <WithDraft id={first ?? ""} draw={(draft) => <RecordForm draft={draft} step={Number(second ?? 1) - 1} />} />;
    case "pick":
      return <WithDraft id={first ?? ""} draw={(draft) => <Picker draft={draft} field={second ?? ""} />} />;
    case "saved":
      return ofRecord(first, (view) => <Saved view={view} />);
    case "records":
      return <Records only={first === "here" || first === "fix" ? first : "all"} />;
    case "record":
      return ofRecord(first, (view) => <RecordPage view={view} key={view.id} />);
    case "list":
      return <Carried kind={first ?? ""} />;
    case "inbox":
      return <Inbox />;
    case "sync":
      return <Sync />;
    case "me":
      return <Me />;
    default:
      return <Missing />;
  }
}

const code = takeCode();

/** Which screen for which address. */
export function App() {
  const route = routeOf(address.value);
  const signsIn = route.name === "sign-in" || !session.value;
  const name = signsIn ? "sign-in" : route.name;
  useEffect(() => {
    document.title = `${t(TITLES[name] ?? "phone.title.missing")} · Tổ Ấm`;
  });
  useEffect(() => {
    if (!WRITING.has(route.name)) void leave();
  }, [route.name]);
  if (!loaded.value) return <Opening />;
  return signsIn ? <SignIn code={code} /> : <>{screen(route)}</>;
}
