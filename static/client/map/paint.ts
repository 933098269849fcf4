/** The map's colours, taken from the page's own, so that it is light or dark as the page is. */

const NAMES = {
  earth: "--sunk",
  green: "--act-soft",
  water: "--river-soft",
  shore: "--river",
  house: "--line",
  road: "--paper",
  edge: "--edge",
  ink: "--ink",
  paper: "--paper",
  line: "--line",
  brick: "--brick",
  on_brick: "--on-brick",
  lamp: "--lamp",
  river: "--river",
  act: "--act",
  on_act: "--on-act",
  focus: "--focus",
} as const;

export type Paint = Record<keyof typeof NAMES, string> & { font: string };

export function paintOf(element: Element): Paint {
  const style = getComputedStyle(element);
  const found = Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
  return { ...(found as Record<keyof typeof NAMES, string>), font: style.fontFamily };
}
