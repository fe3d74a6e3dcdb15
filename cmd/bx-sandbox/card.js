// One call card: what it shows and how it behaves (portal.md 13). The view draws it, the desk
// carries its events to the frames.

import { after, cancel, now } from "./clock.js";
import { CallTimer } from "./timer.js";
import { dialling, has } from "./vocab.js";

const editorPatience = 65000;

export class Card {
	// desk: emit(verb, ...values), store(card, text), changed(card), closed(card, reason).
	constructor(call, desk) {
		this.call = call;
		this.desk = desk;
		this.state = null; // a row of the vocabulary; null in the start layout
		this.title = this.ownTitle();
		this.status = "";
		this.mute = this.hold = this.folded = this.editing = false;
		this.panel = null;
		this.comment = "";
		this.timer = new CallTimer(now);
	}

	ownTitle() {
		return this.call.client?.name || this.call.PHONE_NUMBER || "Unknown number";
	}

	set(values) {
		Object.assign(this, values);
		this.desk.changed(this);
	}

	enter(state, noTimer) {
		this.timer.enter(state.timer, noTimer);
		this.set({ state, panel: null });
	}

	startTimer() {
		this.timer.start();
		this.desk.changed(this);
	}

	stopTimer() {
		this.timer.stop();
		this.desk.changed(this);
	}

	// The operator's clicks. Close and next tell first and act then; mute, hold and comment the
	// other way round; the rest only tell.
	clickClose() {
		this.desk.emit("closeButtonClick");
		this.close("button");
	}

	clickNext() {
		this.desk.emit("nextButtonClick");
		this.status = "";
		this.enter(dialling);
		this.desk.next(this);
	}

	clickMute() {
		this.set({ mute: !this.mute });
		this.desk.emit("muteButtonClick", this.mute);
	}

	clickHold() {
		this.set({ hold: !this.hold });
		this.desk.emit("holdButtonClick", this.hold);
	}

	async clickComment() {
		if (!this.editing)
			return this.set({ editing: true });
		const text = this.comment;
		this.set({ editing: false });
		await this.desk.store(this, text);
		this.desk.emit("addCommentButtonClick", text);
	}

	clickPanel(panel) {
		this.set({ panel: this.panel === panel ? null : panel });
	}

	clickFold() {
		this.set({ folded: !this.folded, panel: null });
	}

	type(text) {
		this.comment = text;
		if (this.deadline)
			this.linger();
	}

	// Hide, finish, or a closed card in another tab: no event says so.
	closeByItself() {
		if (this.editing)
			this.linger();
		else
			this.close("automatic");
	}

	linger() {
		cancel(this.deadline);
		this.deadline = after(editorPatience, async () => {
			if (this.editing)
				await this.clickComment();
			this.close("automatic");
		});
	}

	// Where neither an answer nor an end is on offer, Escape is enough; no event says so.
	closesOnEscape() {
		const { state } = this;
		return state?.timer === "stops" && !has(state, "answer") && !has(state, "hangup");
	}

	// Leaving the page asks unless there is nothing to lose (13.9).
	holdsPage() {
		return !this.folded || (this.state !== null && !this.closesOnEscape());
	}

	close(reason) {
		cancel(this.deadline);
		this.desk.closed(this, reason);
	}
}
