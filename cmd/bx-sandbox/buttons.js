// The buttons of the card (portal.md 13.6): what the vocabulary says of each, how it looks here
// and what a click does. One without a click of its own only tells.

import { options } from "./boot.js";
import { buttons as named, start } from "./vocab.js";

const panel = name => ({
	place: "tools", on: card => card.panel === name, click: card => card.clickPanel(name),
});

const looks = {
	answer: { icon: "phone", look: "go" },
	skip: { icon: "next", look: "stop" },
	call: { icon: "phone", look: "go" },
	redial: { icon: "again", look: "go" },
	complete: { icon: "check", look: "go" },
	return: { icon: "back" },
	notify: { icon: "bell" },
	next: { icon: "next", click: card => card.clickNext() },
	hangup: { icon: "phone", look: "stop" },
	close: { icon: "close", click: card => card.clickClose() },
	mute: { icon: "mic", place: "tools", on: card => card.mute, click: card => card.clickMute() },
	hold: { icon: "pause", place: "tools", on: card => card.hold, click: card => card.clickHold() },
	transfer: { icon: "transfer", ...panel("transfer") },
	keypad: { icon: "keypad", ...panel("keypad") },
	quality: { icon: "star", ...panel("quality") },
	comment: {
		icon: "note", place: "tools", on: card => card.editing, click: card => card.clickComment(),
	},
	fold: { icon: "fold", place: "corner", on: card => card.folded, click: card => card.clickFold() },
};

export const buttons = Object.entries(looks).map(([id, look]) => ({
	id, place: "main", label: named[id].title,
	click: card => card.desk.emit(named[id].event), ...look,
}));

const kept = ["hangup", "close", "fold"];

// The ids of the buttons the card has now.
export function layout({ state, call, folded }) {
	const row = state ?? { buttons: start, campaign: start };
	const ids = new Set(call.CALL_LIST_MODE ? row.campaign : row.buttons);
	if (!options.quality)
		ids.delete("quality");
	if (!folded)
		return ids;
	ids.add("fold");
	return new Set(kept.filter(id => ids.has(id)));
}
