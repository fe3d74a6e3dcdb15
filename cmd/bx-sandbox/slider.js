// The side panel. With a path it holds a whole portal document of its own (portal.md 8.3).

import { boot } from "./boot.js";

let open = null;

export function closeSlider() {
	const was = open;
	open = null;
	was?.done();
	return was !== null;
}

function content({ path, title, text }) {
	if (!path)
		return Object.assign(document.createElement("pre"), { textContent: `${title}\n\n${text}` });
	const frame = document.createElement("iframe");
	frame.id = "slider-frame";
	frame.src = `/page/${boot.user.ID}?${new URLSearchParams({
		uri: path, IFRAME: "Y", IFRAME_TYPE: "SIDE_SLIDER",
	})}`;
	return frame;
}

// Settles when the panel is closed.
export function openSlider(what) {
	closeSlider();
	const panel = document.getElementById("slider");
	document.getElementById("slider-body").replaceChildren(content(what));
	panel.hidden = false;
	return new Promise(resolve => {
		open = {
			done() {
				panel.hidden = true;
				document.getElementById("slider-body").replaceChildren();
				resolve();
			},
		};
	});
}
