// Line icons on a grid of 24, drawn for this page.

const shapes = {
	phone: "M7 3.5h2.6l1.6 4.3-2 1.7a11.5 11.5 0 0 0 5.3 5.3l1.7-2 4.3 1.6V17a3.5 3.5 0 0 1-3.6 3.5C9.8 20.2 3.8 14.2 3.5 7.1A3.5 3.5 0 0 1 7 3.5z",
	mic: "M12 3.5a2.8 2.8 0 0 0-2.8 2.8v5a2.8 2.8 0 0 0 5.6 0v-5A2.8 2.8 0 0 0 12 3.5zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3",
	pause: "M9 5v14M15 5v14",
	transfer: "M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4",
	keypad: "M6 5.5h.01M12 5.5h.01M18 5.5h.01M6 12h.01M12 12h.01M18 12h.01M6 18.5h.01M12 18.5h.01M18 18.5h.01",
	star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
	note: "M5 4.5h14v11h-8l-4 4v-4H5zM8.5 8.5h7M8.5 11.5h5",
	close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
	fold: "M6 9.5l6 6 6-6",
	next: "M5 5.5l8 6.5-8 6.5zM18 5.5v13",
	check: "M5 12.5l4.5 4.5L19 7.5",
	back: "M9 6l-5 5 5 5M4 11h10a5 5 0 0 1 5 5v2",
	bell: "M6.5 16.5v-5.5a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4",
	again: "M19 12a7 7 0 1 1-2.3-5.2M19 4v4h-4",
	down: "M7 7l10 10M17 9v8H9",
	up: "M7 17L17 7M9 7h8v8",
	people: "M9 11.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6zM3 19.5a6 6 0 0 1 12 0M16 5.2a3.3 3.3 0 0 1 0 6M17.5 14.2a6 6 0 0 1 3.5 5.3",
	home: "M4 11l8-6.5 8 6.5v8.5h-5.5v-5h-5v5H4z",
	deal: "M4 5.5h4.5v13H4zM9.8 5.5h4.5v9H9.8zM15.5 5.5H20v5.5h-4.5z",
	chart: "M4.5 19.5h15M7 16v-5M12 16V6M17 16v-8",
	gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3.5v2.5M12 18v2.5M3.5 12H6M18 12h2.5M6 6l1.8 1.8M16.2 16.2L18 18M18 6l-1.8 1.8M7.8 16.2L6 18",
	plug: "M9 3.5v4M15 3.5v4M6.5 7.5h11v3.5a5.5 5.5 0 0 1-11 0zM12 16.5v4",
};

export function icon(name) {
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	svg.classList.add("icon", `icon-${name}`);
	const path = document.createElementNS(svg.namespaceURI, "path");
	path.setAttribute("d", shapes[name]);
	svg.append(path);
	return svg;
}

// Fills in every <i data-icon="name"> below root.
export function draw(root) {
	for (const place of root.querySelectorAll("i[data-icon]"))
		place.replaceWith(icon(place.dataset.icon));
}
