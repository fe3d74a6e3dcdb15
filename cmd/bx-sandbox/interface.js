// The commands of every placement (portal.md 12.4). What a frame may not use has no entry, so that
// it meets silence.

import { cardInterface } from "./commands.js";
import { ask } from "./line.js";
import { openSlider } from "./slider.js";
import { notice } from "./notice.js";
import { calls, commands, events, make, take } from "./vocab.js";

// What the frame of this worker may ask; page: {telephony, main, desk, closeSlider, dial}.
function acts(worker, page) {
	const { frame } = worker;
	const known = page.telephony ? new Set(Object.values(events)) : new Set();

	const option = appWide => async (params, reply) => {
		const [name, value] = take("setUserOption", params);
		const answer = await ask("option", { sid: frame.sid, app: appWide, name, value });
		if (!answer.done)
			return;
		const options = appWide ? "APP_OPTIONS" : "USER_OPTIONS";
		frame.init[options] = { ...frame.init[options], [name]: value };
		reply(params);
	};

	return {
		getInitData(params, reply) {
			reply(frame.init);
			frame.init = { ...frame.init, FIRST_RUN: false };
		},
		getInterface(params, reply) {
			reply({
				command: page.telephony ? Object.values(commands).map(row => row.wire) : [],
				event: [...known],
			});
		},
		placementBindEvent(params, reply) {
			const [name] = take("placementBindEvent", params);
			if (known.has(name))
				worker.subscribe(name, reply);
		},
		async refreshAuth(params, reply) {
			const { auth } = await ask("auth", { sid: frame.sid });
			if (!auth)
				return notice(`${frame.app.name} could not renew its access.`);
			Object.assign(frame.init, auth);
			reply(auth);
		},
		setInstall: (params, reply) => reply(params),
		async setInstallFinish(params) {
			const [value] = take("setInstallFinish", params);
			const { done } = await ask("install", { sid: frame.sid, finished: value !== false });
			const address = new URL(location.href);
			address.searchParams.set("install_finished", done ? "Y" : "N");
			location.assign(address);
		},
		setUserOption: option(false),
		setAppOption: option(true),
		resizeWindow(params, reply) {
			const [width, height] = take("resizeWindow", params).map(Number);
			Object.assign(worker.iframe, { width, height });
			reply(make("resizeWindow", [width, height]));
		},
		async openApplication(params, reply) {
			await openSlider({ text: `${frame.app.name}\n\n${JSON.stringify(params, null, 2)}` });
			reply();
		},
		closeApplication(params, reply) {
			if (page.closeSlider())
				reply();
		},
		async openPath(params, reply) {
			const [path] = take("openPath", params);
			if (!String(path).startsWith("/"))
				return reply({ result: "error", errorCode: "PATH_NOT_AVAILABLE" });
			await openSlider({ path });
			reply({ result: "close" });
		},
		imCallTo: () => notice(`${frame.app.name} calls a colleague.`),
		imPhoneTo: params => page.dial(String(take("imPhoneTo", params)[0])),
		imOpenMessenger: () => notice(`${frame.app.name} opens the messenger.`),
		imOpenHistory: () => notice(`${frame.app.name} opens a conversation.`),
	};
}

// What only the main page of an app may do.
const ofMain = {
	reloadWindow: () => location.reload(),
	setTitle(params) {
		document.title = String(take("setTitle", params)[0]);
	},
	setScroll(params) {
		document.getElementById("slider-body").scrollTop = Number(take("setScroll", params)[0]);
	},
};

function allowed(worker, page) {
	const { placementBindEvent, ...common } = acts(worker, page);
	return page.main ? { ...common, ...ofMain } : { ...common, placementBindEvent };
}

// name on the wire -> function (params, reply), as of Wire.
export function frameInterface(worker, page) {
	const common = Object.entries(allowed(worker, page))
		.map(([verb, act]) => [calls[verb], act]);
	return new Map([...common, ...(page.telephony ? cardInterface(page.desk) : [])]);
}
