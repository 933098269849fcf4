/** How a risk looks on a map: a shape of its own beside its colour, and one for what nobody has judged yet. Pure. */

export type Look = "brick" | "lamp" | "river" | "unknown";

const LOOKS: Record<string, Look> = { high: "brick", medium: "lamp", low: "river" };

export const lookOf = (risk: unknown): Look => LOOKS[String(risk)] ?? "unknown";
