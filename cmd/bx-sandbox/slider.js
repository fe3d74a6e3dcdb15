// The side panel. With a path it holds a whole portal document of its own (portal.md 8.3).

import { boot, options } from "./boot.js";

let open = null;

export function closeSlider() {
	const was = open;
	open = null;
	was?.done();
	return was !== null;
}

function content({ path, text }) {
	if (!path)
		return Object.assign(document.createElement("pre"), { textContent: text ?? "" });
	const frame = document.createElement("iframe");
	frame.id = "slider-frame";
	frame.src = `/page/${boot.user.ID}?${new URLSearchParams({
		uri: path, IFRAME: "Y", IFRAME_TYPE: "SIDE_SLIDER", ...options.panels,
	})}`;
	return frame;
}

// Settles when the panel is closed. fill(body), if given, puts something of its own inside.
export function openSlider(what, fill) {
	closeSlider();
	const panel = document.getElementById("slider"), body = document.getElementById("slider-body");
	body.replaceChildren(content(what));
	fill?.(body);
	panel.hidden = false;
	return new Promise(resolve => {
		open = {
			done() {
				panel.hidden = true;
				body.replaceChildren();
				resolve();
			},
		};
	});
}
