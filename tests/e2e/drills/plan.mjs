/** Which process is killed during what, and at which part of it: the seed decides. */

export const VICTIMS = ["window", "agent", "web", "keychain", "bus"];
export const ACTIVITIES = ["guide", "check", "rotation", "probe"];
/** Kills of each victim in each activity. */
const INSTANTS = 5;

/** Every kill, or those whose name contains `only`. `part` is the part of the activity that has passed: one in each fifth of it. */
export function plan(seed, only = "") {
  const next = random(seed);
  const all = VICTIMS.flatMap((victim) =>
    ACTIVITIES.flatMap((activity) =>
      Array.from({ length: INSTANTS }, (_, n) => ({ victim, activity, name: `${victim}/${activity}/${n + 1}`, part: (n + next()) / INSTANTS })),
    ),
  );
  return all.filter((one) => one.name.includes(only));
}

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The word after an option on the command line. */
export const word = (option) => (process.argv.includes(option) ? process.argv[process.argv.indexOf(option) + 1] : undefined);
