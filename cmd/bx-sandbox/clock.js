// The sandbox's clock: deadlines and the call timer follow it, so that moving the clock moves
// them and no test has to wait. A still clock (?clock=still) moves by the sandbox alone.

import { options } from "./boot.js";

let offset = 0;
const waits = new Set();
const start = options.still ? Date.now() : 0;

export const now = () => (start || Date.now()) + offset;

export function after(ms, fn) {
	const wait = { due: now() + ms, fn };
	waits.add(wait);
	arm(wait);
	return wait;
}

export function cancel(wait) {
	clearTimeout(wait?.handle);
	waits.delete(wait);
}

export function shift(ms) {
	offset = ms;
	for (const wait of [...waits])
		arm(wait);
}

function arm(wait) {
	clearTimeout(wait.handle);
	const left = wait.due - now();
	if (left <= 0 || !options.still)
		wait.handle = setTimeout(fire, Math.max(0, left), wait);
}

function fire(wait) {
	if (now() < wait.due)
		return arm(wait);
	waits.delete(wait);
	wait.fn();
}
