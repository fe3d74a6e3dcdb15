// The round sign of a person: initials on a colour of his own, calm in both themes.

import { icon } from "./icons.js";

const initials = name => {
	const words = name.split(/\s+/).filter(word => /^\p{L}/u.test(word));
	return words.slice(0, 2).map(word => word[0].toUpperCase()).join("");
};

const hue = name => [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);

export function avatar(place, name) {
	const letters = initials(name);
	place.style.setProperty("--hue", hue(name));
	place.replaceChildren(letters || icon("people"));
}
