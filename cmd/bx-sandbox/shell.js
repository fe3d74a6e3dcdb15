// The body of the portal around the card: navigation, people to call, and the frames at work.

import { boot, query } from "./boot.js";
import { avatar } from "./faces.js";
import { draw, icon } from "./icons.js";
import { openSlider } from "./slider.js";

const sections = [
	{ uri: "/stream/", name: "Today", icon: "home" },
	{ uri: "/crm/contact/list/", name: "Contacts", icon: "people" },
	{ uri: "/crm/deal/?category=1", name: "Deals", icon: "deal" },
	{ uri: "/telephony/detail/", name: "Calls", icon: "chart" },
];
const kinds = { CONTACT: "Private client", COMPANY: "Company", LEAD: "New lead" };
const here = query.get("uri") || sections[0].uri;
const section = sections.find(row => here.startsWith(row.uri)) ?? { name: here };

function element(name, values, ...children) {
	const made = Object.assign(document.createElement(name), values);
	made.append(...children.filter(Boolean));
	return made;
}

function face(name, size = "") {
	const place = element("span", { className: `avatar ${size}` });
	avatar(place, name);
	return place;
}

function link(row) {
	const kept = Object.fromEntries([...query].filter(([key]) => key !== "uri"));
	const made = element("a", {
		href: `/page/${boot.user.ID}?${new URLSearchParams({ ...kept, uri: row.uri })}`,
	}, icon(row.icon), element("span", { textContent: row.name }));
	if (row === section)
		made.setAttribute("aria-current", "page");
	return made;
}

function person(row, dial) {
	const call = element("button", {
		type: "button", className: "dial", title: `Call ${row.name}`, disabled: !row.number,
	}, icon("phone"), element("span", { textContent: row.number || "no number" }));
	call.dataset.number = row.number;
	call.addEventListener("click", () => dial(row.number));
	return element("li", {}, face(row.name),
		element("div", {}, element("strong", { textContent: row.name }),
			element("small", { textContent: row.note })), call);
}

const contacts = () => boot.contacts.map(row => ({
	name: row.NAME, note: row.COMPANY || kinds[row.CRM_ENTITY_TYPE] || "", number: row.PHONES[0],
}));
const colleagues = () => boot.employees.filter(row => row.ID !== boot.user.ID).map(row => ({
	name: row.NAME, note: boot.departments.find(d => d.ID === row.department)?.NAME ?? "Colleague",
	number: row.inner,
}));

// An app whose installation an administrator has yet to finish (portal.md 7.1).
function installer(frame, open) {
	const button = element("button", {
		type: "button", id: `installer-${frame.app.id}`, className: "dial",
	}, icon("gear"), element("span", { textContent: "Finish installation" }));
	button.addEventListener("click", () => open(frame));
	return element("li", {}, face(frame.app.name),
		element("div", {}, element("strong", { textContent: frame.app.name }),
			element("small", { textContent: frame.handler })), button);
}

export function drawShell(dial, install) {
	draw(document);
	document.title = `${section.name} – ${boot.portal.domain}`;
	document.documentElement.lang = boot.portal.lang;
	document.body.classList.toggle("inside", query.get("IFRAME") === "Y");
	document.getElementById("section").textContent = section.name;
	document.getElementById("portal").textContent = boot.portal.domain;
	document.getElementById("me").append(face(boot.user.NAME, "small"),
		element("span", { textContent: boot.user.NAME }),
		element("small", { textContent: boot.user.inner }));
	document.getElementById("sections").append(...sections.map(link));
	document.getElementById("contacts").append(...contacts().map(row => person(row, dial)));
	document.getElementById("colleagues").append(...colleagues().map(row => person(row, dial)));
	document.getElementById("installers").append(
		...boot.installers.map(frame => installer(frame, install)));
	document.getElementById("open-slider").addEventListener("click", () =>
		openSlider({ path: "/crm/contact/details/1/" }));
}

const messagesKept = 40;

// What crosses the wire, newest first; answers, which may hold tokens, are left out.
export function drawMessage(way, name, value) {
	const list = document.getElementById("messages");
	const text = value === undefined || (Array.isArray(value) && !value.length) ? "" :
		JSON.stringify(value);
	list.prepend(element("li", { className: way },
		icon(way === "to" ? "up" : "down"), element("span", { textContent: `${name} ${text}` })));
	if (list.children.length > messagesKept)
		list.lastChild.remove();
}

export function drawWorker(place, worker) {
	place.dataset.subscriptions = worker.subscriptions.size;
	place.dataset.loads = worker.loads;
	place.replaceChildren(icon("plug"),
		element("div", {}, element("strong", { textContent: worker.frame.app.name }),
			element("small", { textContent: worker.frame.handler })),
		element("span", {
			className: "load",
			textContent: worker.loads ? `${worker.ms} ms` : "loading",
		}));
}
