// The protocol's names as the suite's rows tell them (lib/spec.h). Elsewhere in these scripts
// commands, events and calls go by their verbs and parameters by their order.

import { boot } from "./boot.js";

const { commands, events, calls, states, start, buttons } = boot.vocabulary;
const { keys } = boot;

export { commands, events, calls, states, start, buttons };

export const has = (state, button) => state.buttons.includes(button);

export const dialling = states.find(state => has(state, "call"));

// Values in the order of the row's keys; a message's parameters may be a list, or anything.
export const take = (verb, params) => keys[verb].map(key => params[key]);

// The payload of an event: a map of the row's keys, where what is unknown has no key; of the bare
// kind the value itself.
export function make(verb, values) {
	const names = keys[verb];
	if (!names)
		return values[0];
	const pairs = names.map((key, i) => [key, values[i]]);
	return Object.fromEntries(pairs.filter(([, value]) => value != null));
}
