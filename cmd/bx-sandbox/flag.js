// The note in this browser that a card is up (portal.md 13.1). A browser stands for one employee,
// so each employee has a note of his own: two of them may share the browser of a test.

import { after, cancel, now } from "./clock.js";

const delay = 100, valid = 5000, validBuiltin = 7000;

export class Flag {
	constructor(user, page, gone) {
		this.key = `sandbox.card.${user}`;
		this.page = page;
		addEventListener("storage", event => {
			if (event.key === this.key && event.newValue === null)
				gone();
		});
	}

	pages() {
		let pages;
		try {
			pages = JSON.parse(localStorage.getItem(this.key)) ?? {};
		} catch {
			pages = {};
		}
		return Object.fromEntries(Object.entries(pages).filter(([, row]) => row.until >= now()));
	}

	// A page that joins a call's card does not mind those that raised it already.
	isSet(joined) {
		return Object.values(this.pages()).some(row => row.call !== joined);
	}

	raise(call, builtin) {
		this.wait = after(delay, () => this.renew(call, builtin ? validBuiltin : valid));
	}

	renew(call, time) {
		this.write({ ...this.pages(), [this.page]: { call, until: now() + time } });
		this.wait = after(valid, () => this.renew(call, time));
	}

	// The other pages see it vanish and close their cards too.
	drop() {
		cancel(this.wait);
		localStorage.removeItem(this.key);
	}

	// A page that is left takes only its own mark along, so that the call can be shown again.
	leave() {
		cancel(this.wait);
		const { [this.page]: own, ...others } = this.pages();
		if (own)
			this.write(others);
	}

	write(pages) {
		localStorage.setItem(this.key, JSON.stringify(pages));
	}
}
