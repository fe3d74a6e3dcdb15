// What unfolds inside the card: keypad, rating and the transfer list (portal.md 13.5, 13.7).

import { boot, options } from "./boot.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";

const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const letters = ["", "abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz", "", "+", ""];
const keyNames = { "*": "star", "#": "hash" };

function element(name, values, ...children) {
	const made = Object.assign(document.createElement(name), values);
	made.append(...children);
	return made;
}

function push(id, values, fn, ...children) {
	const made = element("button", { type: "button", id, ...values }, ...children);
	made.addEventListener("click", fn);
	return made;
}

function keypad(card) {
	const typed = element("output", { id: "keypad-typed" });
	const press = key => {
		typed.textContent += key;
		card.desk.emit("dialpadButtonClick", key);
	};
	return [typed, element("div", { className: "keypad" }, ...keys.map((key, i) =>
		push(`key-${keyNames[key] ?? key}`, { className: "digit" }, () => press(key),
			key, element("small", { textContent: letters[i] }))))];
}

function quality(card) {
	const rate = star => {
		card.set({ panel: null });
		card.desk.emit("qualityMeterClick", String(star));
	};
	return [element("p", { className: "hint", textContent: "How well do you hear each other?" }),
		element("div", { className: "stars" }, ...[1, 2, 3, 4, 5].map(star =>
			push(`quality-${star}`, { className: "star", title: `${star} of 5` }, () => rate(star),
				icon("star"))))];
}

// The number in use, unless no frame has ever spoken to the card: then the portal's general
// dialog is on, whose choice tells its kind.
function transferTo(card, kind, target) {
	const { desk } = card;
	card.set({ panel: null });
	if (!desk.spoken)
		desk.emit("transferButtonClick", undefined, kind, String(target));
	else if (kind !== "queue")
		desk.emit("transferButtonClick", card.call.PHONE_NUMBER, undefined, target);
}

function choices(card, person) {
	const row = (name, text, kind, target) => push(`transfer-${person.ID}-${name}`,
		{ className: "choice" }, () => transferTo(card, kind, target),
		element("span", { textContent: text }));
	return [row("inner", `Extension ${person.inner || "none"}`, "user", String(person.ID)),
		...person.phones.map(({ kind, number }, i) => row(`phone-${i + 1}`, `${number} (${kind})`,
			"pstn", number))];
}

// Without a phone there is no menu, and the id travels as a number, unless the page says otherwise.
function employee(card, person) {
	const face = element("span", { className: "avatar small" });
	avatar(face, person.NAME);
	const menu = element("div", { className: "menu", hidden: true }, ...choices(card, person));
	const choose = () => {
		if (person.phones.length)
			menu.hidden = !menu.hidden;
		else
			transferTo(card, "user", options.textTargets ? String(person.ID) : Number(person.ID));
	};
	return element("li", {}, push(`transfer-${person.ID}`, { className: "person" }, choose, face,
		element("span", { textContent: person.NAME }),
		element("small", { textContent: person.inner })), menu);
}

function department(card, { ID, NAME }) {
	const face = element("span", { className: "avatar small" }, icon("people"));
	return element("li", {}, push(`transfer-department-${ID}`, { className: "person" },
		() => transferTo(card, "queue", ID), face, element("span", { textContent: NAME })));
}

function transfer(card) {
	const others = boot.employees.filter(person => person.ID !== boot.user.ID);
	return [element("ul", { className: "people" },
		...others.map(person => employee(card, person)),
		...boot.departments.map(row => department(card, row)))];
}

const panels = { keypad, quality, transfer };

export function fillPanel(place, name, card) {
	place.replaceChildren(...(panels[name]?.(card) ?? []));
	place.hidden = !panels[name];
}
