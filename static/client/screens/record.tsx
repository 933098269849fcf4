import { useEffect, useState } from "preact/hooks";

import { photosOf } from "../forms/answers";
import { checkWords, w } from "../i18n";
import { WithPictures } from "../photos/later";
import { SignButton, SignLink } from "../pieces/button";
import { showInstant } from "../pieces/dates";
import { Note } from "../pieces/note";
import { Page } from "../pieces/page";
import { isOpen, isTask, Path } from "../pieces/path";
import { Say } from "../pieces/say";
import { fieldName, kindName, nameOf, specOf } from "../pieces/titles";
import { PlaceShown } from "../place/shown";
import { isWriteOnly } from "../store/write-only";
import { kit, receipts, withdraw } from "../state";
import type { Receipt, View } from "../types";
import { t } from "../words";
import { Answers } from "./answers";
import { Choices } from "./choice";
import { Fix } from "./fix";
import { BeforeAndAfter, Looks } from "./rechecks";

function Withdraw({ view }: { view: View }) {
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const [empty, setEmpty] = useState(false);
  const press = () => (reason.trim() ? void withdraw(view.id, reason.trim()) : setEmpty(true));
  if (!asked) return <SignButton icon="return" class="quiet" onClick={() => setAsked(true)}>{t("phone.record.withdraw")}</SignButton>;
  return (
    <section class="card">
      <div class="field off">
        <label for="why">{t("phone.record.withdraw.why")}</label>
        <p class="hint">{t("phone.record.withdraw.hint")}</p>
        <textarea class="in area" id="why" autocomplete="off" spellcheck={false} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        {empty && !reason.trim() && <Say tone="bad" live>{t("phone.record.withdraw.reason")}</Say>}
      </div>
      <p class="hint">{t("phone.record.withdraw.kept")}</p>
      <div class="chips">
        <button type="button" class="btn stop" onClick={press}>{t("phone.record.withdraw.go")}</button>
        <button type="button" class="btn" onClick={() => setAsked(false)}>{t("phone.later")}</button>
      </div>
    </section>
  );
}

function useReceipt(view: View): Receipt | undefined {
  const [receipt, setReceipt] = useState<Receipt>();
  useEffect(() => void receipts(view.id).then((all) => setReceipt(all[0])), [view.id, view.unsent, view.received]);
  return receipt;
}

function Received({ view }: { view: View }) {
  const receipt = useReceipt(view);
  if (view.status === "phone") return <p class="hint">{t("phone.record.waiting")}</p>;
  const at = showInstant(view.received ?? receipt?.got ?? "");
  if (!at) return null;
  return (
    <p class="hint">
      {receipt ? t("phone.record.receipt", { at, receipt: receipt.sha256.slice(0, 4) }) : t("phone.record.receipt.plain", { at })}
    </p>
  );
}

function Problems({ view }: { view: View }) {
  const [fields, whole] = [view.problems.filter(({ field }) => field), view.problems.filter(({ field }) => !field)];
  return (
    <>
      {whole.map(({ code }) => <Say tone="warn" key={code}>{checkWords(code)}</Say>)}
      {fields.length > 0 && (
        <Say tone="warn">
          <p><strong>{t("phone.record.problems")}</strong></p>
          <ul>
            {fields.map(({ field, code }) => <li key={`${field}${code}`}>{`${fieldName(view.kind, field!)}: ${checkWords(code)}`}</li>)}
          </ul>
        </Say>
      )}
    </>
  );
}

/** Kinds that are written about this one: a visit to this child, another look at this site. */
const followersOf = (view: View) => (view.withdrawn ? [] : (kit.value?.kinds ?? []).filter((spec) => spec.parent === view.kind));

function Followers({ view }: { view: View }) {
  return (
    <>
      {followersOf(view).map((spec) => (
        <SignLink icon={spec.icon} class="main" href={`#/new/${spec.kind}/${view.id}`} key={spec.kind}>
          {spec.invite ? w(spec.invite) : t("phone.record.new_for", { name: w(spec.menu) })}
        </SignLink>
      ))}
    </>
  );
}

/** A record that stays shut: its number, its times and its state. Whoever wants to add something calls, or writes another. */
function Shut({ view }: { view: View }) {
  const tel = kit.value?.ward.phone;
  return (
    <Page title={nameOf(view)} under={showInstant(view.changedAt)} back="#/records">
      <Path view={view} />
      <Received view={view} />
      <Say tone="news" icon="lock">{t("phone.record.shut")}</Say>
      {tel && <SignLink icon="call" class="wide" href={`tel:${tel}`}>{t("phone.lost.call", { tel })}</SignLink>}
    </Page>
  );
}

/** One record: its way, what the ward said, all answers in words, and what can still be done. */
export function RecordPage({ view }: { view: View }) {
  const spec = specOf(view.kind);
  if (isTask(view)) return <Fix view={view} />;
  if (isWriteOnly(view.kind)) return <Shut view={view} />;
  const open = isOpen(view);
  const hasDock = open || followersOf(view).length > 0;
  return (
    <Page
      title={nameOf(view)}
      under={`${kindName(view.kind)} · ${showInstant(view.changedAt)}`}
      back={spec?.tile === "none" ? `#/list/${view.kind}` : "#/records"}
      dock={hasDock && (
        <>
          {open && <SignLink icon="edit" href={`#/edit/${view.id}`}>{t("phone.record.edit")}</SignLink>}
          <Followers view={view} />
        </>
      )}
    >
      <Path view={view} />
      <Received view={view} />
      {view.review && <Note review={view.review} />}
      {view.said.map((one) => <Note review={one} key={one.at} />)}
      <Problems view={view} />
      <Choices view={view} />
      {spec && <Answers spec={spec} view={view} owner="desk" />}
      <Looks view={view} />
      <BeforeAndAfter view={view} />
      {spec && <Answers spec={spec} view={view} owner="phone" />}
      {spec && <PlaceShown spec={spec} view={view} />}
      {spec && Object.values(view.data).some((value) => photosOf(value).length) && <WithPictures draw={(part) => <part.RecordPhotos spec={spec} view={view} />} />}
      {!open && !view.withdrawn && view.mine && <p class="hint">{t(view.ward === "quarantined" ? "phone.record.aside" : "phone.record.closed_to_edit")}</p>}
      {open && view.mine && !view.review && <Withdraw view={view} />}
    </Page>
  );
}
