// A portal page of one employee: puts its parts together.

import { boot, query } from "./boot.js";
import { shift } from "./clock.js";
import { Desk } from "./desk.js";
import { frameInterface } from "./interface.js";
import { ask, connect } from "./line.js";
import { notice } from "./notice.js";
import { drawMessage, drawShell, drawWorker } from "./shell.js";
import { closeSlider, openSlider } from "./slider.js";
import { Worker } from "./workers.js";

const name = [...crypto.getRandomValues(new Uint8Array(8))]
	.map(byte => byte.toString(16).padStart(2, "0")).join("");
const workers = [];

// The document counts as loaded when its line is open, for an inner one is held open until then:
// whoever waits for the page to load may push to it.
function hold() {
	const frame = document.createElement("iframe");
	frame.hidden = true;
	document.body.append(frame);
	frame.contentDocument.open();
	return () => {
		frame.contentDocument?.close();
		frame.remove();
	};
}
const release = hold();

const tell = connect({ user: boot.user.ID, page: name, uri: query.get("uri") ?? "", ...boot.line }, {
	hello({ clock }) {
		shift(clock);
		document.body.dataset.line = "open";
		release();
		ready();
	},
	lost() {
		release();
		delete document.body.dataset.line;
		delete document.body.dataset.ready;
	},
	clock: ({ clock }) => shift(clock),
	reload: () => location.reload(),
	show: message => desk.show(message),
	hide: message => desk.hide(message),
	entity: message => desk.entity(message),
	click: message => desk.click(message),
});

export const desk = new Desk(name, workers, tell);

async function dial(number) {
	try {
		await ask("dial", { user: boot.user.ID, number });
	} catch (error) {
		notice(`${number} was not called: ${error.message}`);
	}
}

// Tests and people see from the outside when the page is there with all its frames.
function ready() {
	const told = [...document.getElementById("workers").children].every(row => row.dataset.reported);
	if (document.body.dataset.line && told)
		document.body.dataset.ready = "yes";
}

// The installer's page is the app's main page, in a panel.
function install(frame) {
	const page = { telephony: false, main: true, desk, closeSlider, dial };
	openSlider({}, body => new Worker(frame, body, worker => frameInterface(worker, page),
		() => {}, drawMessage));
}

function start(frame) {
	const row = document.createElement("li");
	document.getElementById("workers").append(row);
	const page = { telephony: boot.telephony, desk, closeSlider, dial };
	const changed = async (worker, loaded) => {
		drawWorker(row, worker);
		tell("frames", workers.map(each => each.report()));
		if (!loaded)
			return;
		const { loads } = worker;
		await ask("load", { registration: frame.registration, ms: worker.ms });
		row.dataset.reported = loads;
		ready();
	};
	workers.push(new Worker(frame, document.getElementById("frames"),
		worker => frameInterface(worker, page), changed, drawMessage));
	drawWorker(row, workers.at(-1));
}

drawShell(dial, install);
document.getElementById("close-slider").addEventListener("click", closeSlider);
boot.frames.forEach(start);
