// The one card this document may show, and who hears of it (portal.md 13.1 to 13.3).

import { boot, options } from "./boot.js";
import { Card } from "./card.js";
import { after } from "./clock.js";
import { Flag } from "./flag.js";
import { ask } from "./line.js";
import { notice } from "./notice.js";
import { CardView } from "./view.js";
import { events, make, take } from "./vocab.js";

const titleTakes = 1000; // milliseconds
const toldMax = 1000; // characters of a text that the sandbox is told

export class Desk {
	// page: the number of this page; tell: reports to the sandbox.
	constructor(page, workers, tell) {
		this.workers = workers;
		this.tell = tell;
		this.card = null;
		this.spoken = false; // a frame has given the card a command, good or bad
		this.flag = new Flag(boot.user.ID, page, () => this.card?.closeByItself());
		document.addEventListener("keydown", event => this.key(event));
		if (!options.flagStays)
			addEventListener("pagehide", () => this.flag.leave());
		// A browser asks only where somebody has touched the page.
		addEventListener("beforeunload", event => {
			if (options.confirm && navigator.userActivation?.hasBeenActive && this.card?.holdsPage())
				event.preventDefault();
		});
	}

	// join: the sandbox has settled already that this page is in time (13.1).
	show({ call, join }) {
		if (this.card || this.flag.isSet(join ? call.CALL_ID : null))
			return;
		this.card = new Card(call, this);
		this.view = new CardView(this.card);
		this.flag.raise(call.CALL_ID, call.BUILTIN);
		if (call.CRM_ENTITY_TYPE)
			this.entityChanged();
		this.emit("initialized", ...take("initialized", { ...call, CALL_STATE: "idle" }));
		this.changed();
		if (options.titleLate)
			this.titleLater(this.card);
	}

	// The page's own title may come when a frame has set one already, and stays then (13.3).
	titleLater(card) {
		after(titleTakes, () => {
			if (this.card === card)
				card.set({ title: card.ownTitle() });
		});
	}

	entityChanged() {
		if (this.card.call.INTERNAL)
			return;
		const { CRM_ENTITY_TYPE: type, CRM_ENTITY_ID: id, PHONE_NUMBER: number } = this.card.call;
		this.emit("entityChanged", type, id, number || "unknown");
	}

	entity({ call_id, entity }) {
		if (this.card?.call.CALL_ID !== call_id)
			return;
		Object.assign(this.card.call, entity);
		this.changed();
		this.entityChanged();
		if (options.entersAgain && this.card.state)
			this.card.enter(this.card.state);
	}

	hide({ call_id }) {
		if (!call_id || this.card?.call.CALL_ID === call_id)
			this.card?.closeByItself();
	}

	// The next client of a campaign.
	next(card) {
		const [client, ...clients] = card.call.clients ?? [];
		if (!client)
			return;
		Object.assign(card.call, client, { clients });
		card.set({ title: card.ownTitle() });
		this.entityChanged();
	}

	// A click told from outside, at the real button.
	click({ button }) {
		const place = document.getElementById(button) ?? document.getElementById(`btn-${button}`);
		if (place && !place.hidden)
			place.click();
	}

	key(event) {
		if (event.key === "Escape" && this.card?.closesOnEscape())
			this.card.close("escape");
	}

	// Calls of the portal's own telephony have no events here (13.2).
	emit(verb, ...values) {
		if (this.card?.call.BUILTIN)
			return;
		const payload = make(verb, values);
		this.workers.filter(worker => this.hears(worker))
			.forEach(worker => worker.emit(events[verb], payload));
	}

	// Portals tell every app; their documentation knows its own calls alone (13.2).
	hears(worker) {
		return !options.own_events || worker.frame.app.id === this.card?.call.app;
	}

	async store(card, text) {
		try {
			await ask("comment", { call_id: card.call.CALL_ID, text });
		} catch (error) {
			notice(`The comment was not saved: ${error.message}`);
		}
	}

	changed() {
		const { card } = this;
		if (!card)
			return;
		this.view.draw();
		this.tell("card", {
			CALL_ID: card.call.CALL_ID, state: card.state?.name ?? null,
			title: card.title.slice(0, toldMax), status: card.status.slice(0, toldMax), mute: card.mute, hold: card.hold, folded: card.folded,
			timer: card.timer.shown ? card.timer.text() : null,
		});
	}

	closed(card, reason) {
		if (this.card !== card)
			return;
		this.card = null;
		this.lastClose = reason;
		this.view.remove();
		this.flag.drop();
		this.tell("card", null);
	}
}
