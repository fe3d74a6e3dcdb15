// Loads the worker frames the way a portal does (portal.md 8.1) and measures them (8.4).

import { Wire } from "./wire.js";

// A frame without an address of its own gets nothing of what is not for everybody.
const allowed = "geolocation *; microphone *; camera *; autoplay *";

function hidden(name, value) {
	const input = document.createElement("input");
	Object.assign(input, { type: "hidden", name, value });
	return input;
}

function address(frame) {
	const query = Object.entries(frame.query).map(pair => pair.map(encodeURIComponent).join("="));
	return frame.handler + (frame.handler.includes("?") ? "&" : "?") + query.join("&");
}

function post(frame, name) {
	const form = document.createElement("form");
	Object.assign(form, { method: "post", action: address(frame), target: name, hidden: true });
	form.append(...Object.entries(frame.fields).map(([key, value]) => hidden(key, value)));
	document.body.append(form);
	form.submit();
	form.remove();
}

export class Worker {
	// place: where the frame is put; commands(worker): as of Wire; changed(worker, loaded): after
	// each load, and when the frame subscribed; log(way, name, value): what crossed the wire.
	constructor(frame, place, commands, changed, log) {
		this.frame = frame;
		this.changed = changed;
		this.log = log;
		this.subscriptions = new Map();
		this.loads = 0;
		this.iframe = document.createElement("iframe");
		this.iframe.name = `${frame.query.DOMAIN}|${frame.query.PROTOCOL}|${frame.sid}`;
		this.iframe.allow = allowed;
		this.iframe.title = frame.app.name;
		place.append(this.iframe);
		// The empty document's own load has passed by now and is not counted.
		this.inserted = performance.now();
		this.iframe.addEventListener("load", () => this.loaded());
		this.wire = new Wire(frame, this.iframe, commands(this),
			(name, params) => log("from", name, params));
		post(frame, this.iframe.name);
	}

	loaded() {
		this.loads++;
		this.ms = Math.round(performance.now() - this.inserted);
		this.changed(this, true);
	}

	subscribe(name, reply) {
		this.subscriptions.set(name, [...this.subscriptions.get(name) ?? [], reply]);
		this.changed(this, false);
	}

	emit(name, value) {
		const replies = this.subscriptions.get(name) ?? [];
		replies.forEach(reply => reply(value));
		if (replies.length)
			this.log("to", name, value);
	}

	report() {
		const { frame, loads, ms, subscriptions } = this;
		return { registration: frame.registration, sid: frame.sid, loads, ms: ms ?? null,
			subscriptions: subscriptions.size };
	}
}
