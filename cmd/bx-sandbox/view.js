// Draws the card. Every button is there as long as the card is; the layout only hides.

import { after, cancel } from "./clock.js";
import { buttons, layout } from "./buttons.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { fillPanel } from "./panels.js";

const ways = {
	incoming: { text: "Incoming call", icon: "down" },
	outgoing: { text: "Outgoing call", icon: "up" },
	callback: { text: "Callback", icon: "again" },
};

const frame = `
	<header class="card-top">
		<span class="card-way"></span>
		<span id="card-line"></span>
		<span id="card-state"></span>
		<span class="card-corner"></span>
	</header>
	<div class="card-who">
		<span class="avatar" id="card-avatar"></span>
		<div class="card-names">
			<h2 id="card-title"></h2>
			<p><span id="card-number"></span><span id="card-client"></span></p>
		</div>
		<output id="card-timer"></output>
	</div>
	<p id="card-status"></p>
	<div id="card-panel"></div>
	<div id="card-comment">
		<textarea id="comment-text" rows="3" aria-label="Comment on the call"
			placeholder="What was said? Press Comment again to save."></textarea>
	</div>
	<div class="card-tools"></div>
	<div class="card-main"></div>`;

function button(card, row) {
	const element = document.createElement("button");
	element.type = "button";
	element.id = `btn-${row.id}`;
	element.className = `key ${row.look ?? ""}`;
	element.title = row.label;
	const label = document.createElement("span");
	label.textContent = row.label;
	element.append(icon(row.icon), label);
	element.addEventListener("click", () => row.click(card));
	return element;
}

export class CardView {
	constructor(card) {
		this.card = card;
		this.root = document.createElement("section");
		this.root.id = "card";
		this.root.setAttribute("aria-label", "Call");
		this.root.innerHTML = frame;
		for (const row of buttons)
			this.find(`.card-${row.place}`).append(button(card, row));
		this.find("#comment-text").addEventListener("input", event => card.type(event.target.value));
		this.root.addEventListener("dblclick", event => {
			if (!event.target.closest("button, textarea, input"))
				card.clickFold();
		});
		document.body.append(this.root);
		this.draw();
	}

	find(selector) {
		return this.root.querySelector(selector);
	}

	text(id, text) {
		const place = this.find(`#card-${id}`);
		place.textContent = text;
		place.hidden = text === "";
	}

	draw() {
		const { card, root } = this;
		const { call, state } = card;
		const way = ways[call.CALL_DIRECTION] ?? ways.incoming;
		const name = call.client?.name ?? "";
		root.dataset.state = state?.name ?? "";
		root.dataset.ringing = state !== null && state.timer === "stops" && !card.closesOnEscape();
		root.classList.toggle("folded", card.folded);
		this.find(".card-way").replaceChildren(icon(way.icon), way.text);
		avatar(this.find("#card-avatar"), name);
		const line = call.LINE_NAME || call.LINE_NUMBER;
		this.text("line", line ? `via ${line}` : "");
		this.text("state", state?.name ?? "start");
		this.text("title", card.title);
		this.text("number", call.PHONE_NUMBER ?? "");
		this.text("client", [name, call.client?.company].filter(Boolean).join(", "));
		this.text("status", card.status);
		this.drawButtons();
		this.drawPanels();
		this.tick();
	}

	drawButtons() {
		const ids = layout(this.card);
		for (const row of buttons) {
			const element = this.find(`#btn-${row.id}`);
			element.hidden = !ids.has(row.id);
			if (row.on)
				element.setAttribute("aria-pressed", row.on(this.card));
		}
	}

	drawPanels() {
		const { card } = this;
		const panel = card.folded ? null : card.panel;
		const place = this.find("#card-panel"), editor = this.find("#card-comment");
		if (place.dataset.panel !== String(panel)) {
			place.dataset.panel = panel;
			fillPanel(place, panel, card);
		}
		const opens = editor.hidden && card.editing;
		editor.hidden = !card.editing || card.folded;
		if (opens)
			this.find("#comment-text").focus();
	}

	tick() {
		const { timer } = this.card;
		this.text("timer", timer.shown ? timer.text() : "");
		cancel(this.next);
		if (timer.running)
			this.next = after(1000 - timer.elapsed() % 1000, () => this.tick());
	}

	remove() {
		cancel(this.next);
		this.root.remove();
	}
}
