// The commands a worker frame gives to the card (portal.md 13.8).

import { options } from "./boot.js";
import { commands, start, states } from "./vocab.js";

const error = code => ({ result: "error", errorCode: code });
const noCard = [error("Call card is undefined")];
const noState = [error("Invalid ui state")];
const { desktop } = options;

// A frame may send a map that spoils its own conversion.
function text(value) {
	try {
		return String(value);
	} catch {
		return "";
	}
}

// What each does with its parameter. What a missing text shows is the word the portal's own script
// makes of it.
const acts = {
	mute: (card, muted) => card.set({ mute: Boolean(muted) }),
	hold: (card, held) => card.set({ hold: Boolean(held) }),
	title: (card, title) => card.set({ title: text(title) }),
	status: (card, status) => card.set({ status: text(status) }),
	"timer start": card => card.startTimer(),
	"timer stop": card => card.stopTimer(),
	close: card => card.close("command"),
};

// The portal's desktop application misses fields that its pages do not (13.8).
function missing(verb, key, params) {
	if (!desktop || !(verb in acts) || !key || key in Object(params))
		return null;
	return error(`missing field ${key}`);
}

// A card of the portal's own telephony is nobody's; the desktop application does not mind.
function refusal(desk) {
	if (desk.card ? desktop || !desk.card.call.BUILTIN : (desktop && desk.lastClose !== "button" && desk.lastClose !== "command"))
		return null;
	return noCard;
}

// Names outside the list that portals take all the same (13.6); accepted when the sandbox is told.
const unlisted = ["idle", "sipPhoneError", "externalCard"]
	.map(name => ({ name, timer: "stops", buttons: start, campaign: start }));
const accepted = options.hidden_states ? [...states, ...unlisted] : states;

function enter(desk, name, noTimer) {
	const state = accepted.find(row => row.name === name);
	if (!state)
		return noState;
	desk.card?.enter(state, noTimer);
	return [];
}

function run(desk, verb, row, params, reply) {
	desk.spoken = true;
	if (verb === "states")
		return reply(states.map(state => state.name));
	const refused = refusal(desk);
	if (refused)
		return reply(refused);
	const gap = missing(verb, row.key, params);
	if (gap) {
		reply(verb === "mute" ? gap : [gap]);
		return verb === "hold" ? reply([]) : undefined;
	}
	if (verb === "state")
		return reply(enter(desk, params[row.key], params[row.flag]));
	if (desk.card)
		acts[verb](desk.card, params[row.key]);
	if (!row.silent || desktop)
		reply([]);
}

// name on the wire -> function (params, reply)
export function cardInterface(desk) {
	return Object.entries(commands).map(([verb, row]) =>
		[row.wire, (params, reply) => run(desk, verb, row, params, reply)]);
}
