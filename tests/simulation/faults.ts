/** What can go wrong between a phone and the server, and what strangers on the way answer in its place. */

import type { Said } from "./server";

const html = (status: number, body: string, more: [string, string][] = []): Said => ({
  status,
  headers: [["Content-Type", "text/html; charset=utf-8"], ...more],
  body,
});
const json = (status: number, value: unknown, type = "application/json", more: [string, string][] = []): Said => ({
  status,
  headers: [["Content-Type", type], ...more],
  body: JSON.stringify(value),
});
const problem = (status: number, code: string, more: [string, string][] = []) =>
  json(status, { type: "about:blank", code, status, title: code }, "application/problem+json", more);

/** Answers of somebody who is not our server, which has then seen nothing. */
export const strangers = {
  portalPage: () => html(200, "<!doctype html><title>Wifi chợ</title><form>Đăng nhập để dùng mạng</form>"),
  portalJson: () => json(200, { login: "https://wifi.example/", receipts: "none" }),
  portalEmpty: () => json(200, {}),
  portalRedirect: () => html(302, "", [["Location", "http://10.0.0.1/login"]]),
  loginRequired: () => html(511, "<h1>Network Authentication Required</h1>"),
  badGateway: () => html(502, "<h1>502 Bad Gateway</h1>"),
  unavailable: () => html(503, "<h1>503</h1>", [["Retry-After", "3"]]),
  gatewayTimeout: () => html(504, "<h1>504</h1>"),
  tooLargePage: () => html(413, "<h1>413 Request Entity Too Large</h1>"),
  tooLarge: () => problem(413, "too_large"),
  slowDown: () => problem(429, "slow_down", [["Retry-After", "2"]]),
  notReady: () => problem(503, "not_ready", [["Retry-After", "5"]]),
  gone: () => problem(410, "not_found"),
  conflict: () => problem(409, "newer_version"),
  unprocessable: () => problem(422, "bad_envelope"),
};

/** A server of somebody else that speaks as ours does: it has receipts, for other bytes, and no records. */
export function liar(text: string, epoch: string): Said {
  const { changes = [] } = JSON.parse(text || "{}") as { changes?: { body: string; head?: string }[] };
  const receipts = changes.map(({ body, head }) => {
    const { id } = JSON.parse(head ?? body) as { id: string };
    return { id, outcome: "applied", version: 1, sha256: "0".repeat(64), problems: [] };
  });
  const rest = { epoch, now: "2026-06-03T00:00:00Z", cursor: "not ours", more: false, reset: false };
  return json(200, { ...rest, receipts, records: [], gone: [], missing: [] });
}

export const FAULTS = [
  "lost",
  "answer lost",
  "doubled",
  "late copy",
  "overtaken",
  "slow",
  "cut",
  "half",
  "answer replaced",
  "server dies",
  "busy",
  "liar",
  ...(Object.keys(strangers) as (keyof typeof strangers)[]),
] as const;

export type Fault = (typeof FAULTS)[number];
