/** Asks the browser for a passkey, for a form that says what to ask. Loaded only on pages that have such a form. */

type Told = Record<string, unknown> & { challenge: string; user?: { id: string }; excludeCredentials?: { id: string }[]; allowCredentials?: { id: string }[] };

const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (from: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(from))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const described = (all?: { id: string }[]) => all?.map((one) => ({ ...one, id: bytes(one.id) }));

/** As the server told it, with bytes where the browser wants them; not every browser does that by itself. */
function opened(told: Told): object {
  const { user, excludeCredentials, allowCredentials } = told;
  return {
    ...told,
    challenge: bytes(told.challenge),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    ...(excludeCredentials && { excludeCredentials: described(excludeCredentials) }),
    ...(allowCredentials && { allowCredentials: described(allowCredentials) }),
  };
}

/** The answer as WebAuthn's JSON has it (level 3, section 5.1). */
function packed(found: PublicKeyCredential): string {
  const said = found.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts = Object.entries({
    clientDataJSON: said.clientDataJSON,
    attestationObject: said.attestationObject,
    authenticatorData: said.authenticatorData,
    signature: said.signature,
    userHandle: said.userHandle,
  }).filter((part): part is [string, ArrayBuffer] => Boolean(part[1]));
  return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response: Object.fromEntries(parts.map(([name, value]) => [name, text(value)])) });
}

/** Let the form be sent with a passkey. */
export function offer(form: HTMLFormElement): void {
  const go = form.querySelector<HTMLButtonElement>("[data-passkey-go]")!;
  const failed = form.querySelector<HTMLElement>("[data-failed]")!;
  const publicKey = opened(JSON.parse(form.dataset["options"]!) as Told);
  const press = async () => {
    // What a passkey stands in for need not be filled in; the rest must.
    const rest = [...form.querySelectorAll<HTMLInputElement>("input, textarea")].filter((one) => !("passkeyInstead" in one.dataset));
    if (!rest.every((one) => one.reportValidity())) return;
    go.disabled = true;
    failed.hidden = true;
    const act = form.dataset["passkey"] === "create" ? "create" : "get";
    const found = await navigator.credentials[act]({ publicKey } as never).catch(() => null);
    go.disabled = false;
    failed.hidden = found !== null;
    if (!found) return;
    form.querySelector<HTMLInputElement>("[name=passkey]")!.value = packed(found as PublicKeyCredential);
    form.submit();
  };
  form.hidden = false;
  go.hidden = false;
  form.querySelector<HTMLElement>("[data-passkey-none]")?.remove();
  go.addEventListener("click", () => void press());
  if ("passkeyAtOnce" in form.dataset) void press();
}
