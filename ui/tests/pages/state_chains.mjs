/**
 * Orders states so that one that begins like another continues from it instead of loading the page again: a chain is a list of
 * states of one scenario and language, each with the number of acts that the state before it has already done.
 */
export function chains(states) {
  const all = [];
  const shortestFirst = [...states].sort((a, b) => acts(a).length - acts(b).length);
  for (const state of shortestFirst) {
    const tail = (chain) => chain.at(-1).state;
    const known = all.filter((chain) => continues(state, tail(chain))).sort((a, b) => acts(tail(b)).length - acts(tail(a)).length)[0];
    if (known) known.push({ state, done: acts(tail(known)).length });
    else all.push([{ state, done: 0 }]);
  }
  return all;
}

const acts = (state) => state.act ?? [];
const page = (state) => `${state.scenario ?? state.name} ${state.language ?? ""}`;
const continues = (state, earlier) => page(state) === page(earlier) && acts(earlier).every((act, i) => act === acts(state)[i]);
