/** The ward's side: an officer at the desk, an administrator, and whoever looks after the server. */

import type { Network } from "./network";
import type { Random } from "./random";
import { ask } from "./server";

export const GROUP_7 = 7;
export const GROUP_3 = 8;
export const GROUP_2_VIET_HUNG = 10;
export const WARD_OF: Record<number, number> = { [GROUP_7]: 2, [GROUP_3]: 2, 9: 2, [GROUP_2_VIET_HUNG]: 3 };

/** Where a person works, as everybody but the server knows it. */
export interface Person {
  id: string;
  name: string;
  groups: number[];
}

export const person = (number: number, name: string, group: number): Person => ({
  id: `a0000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
  name,
  groups: [group],
});

interface Judged {
  id: string;
  version: number;
  status: string;
  ward: number;
}

export class Ward {
  constructor(
    private readonly network: Network,
    private readonly chance: Random,
    private readonly tell: (what: string) => void,
  ) {}

  code(who: string): string {
    return ask("code", { now: this.network.serverNow(), person: who });
  }

  /** Minh of phường Phúc Lợi judges a record, perhaps one that has changed since he looked. */
  judge(): void {
    const here = ask<Judged[]>("records").filter(({ ward }) => ward === 2);
    if (!here.length) return;
    const record = this.chance.pick(here);
    const verdict = this.chance.weighted({ accept: 3, return: 4, close: 1 });
    const seen = this.chance.chance(0.85) ? record.version : record.version - 1;
    const form = { verdict, seen, note: `Nhờ xem lại chỗ này (${verdict})` };
    const status = ask<number>("desk", { now: this.network.serverNow(), who: "Minh", path: `/desk/records/${record.id}/verdict`, form });
    this.tell(`judges ${record.id.slice(0, 8)} version ${seen}: ${verdict} -> ${status}`);
  }

  revoke(who: Person): void {
    this.tell(`ends all sign-ins of ${who.name}`);
    this.network.shelf.clear();
    ask("revoke", { now: this.network.serverNow(), person: who.id });
  }

  /** The person works elsewhere from now on. */
  move(who: Person): void {
    const groups = [GROUP_7, GROUP_3, GROUP_2_VIET_HUNG].filter((group) => !who.groups.includes(group));
    const to = this.chance.pick(groups);
    this.tell(`moves ${who.name} from ${who.groups} to ${to}`);
    this.network.shelf.clear();
    ask("move", { now: this.network.serverNow(), person: who.id, unit: to, leaves: who.groups });
    who.groups = [to];
  }
}
