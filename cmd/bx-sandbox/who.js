// The first page: whose portal page shall it be?

import { boot } from "./boot.js";
import { avatar } from "./faces.js";

function row(user) {
	const name = [user.NAME, user.LAST_NAME].filter(Boolean).join(" ");
	const face = Object.assign(document.createElement("span"), { className: "avatar" });
	avatar(face, name);
	const link = Object.assign(document.createElement("a"), {
		href: `/page/${user.ID}`, textContent: name,
	});
	const note = Object.assign(document.createElement("small"), {
		textContent: user.WORK_POSITION ?? "",
	});
	const text = document.createElement("div");
	text.append(link, note);
	const inner = Object.assign(document.createElement("span"), {
		className: "load", textContent: user.UF_PHONE_INNER ?? "",
	});
	const item = document.createElement("li");
	item.append(face, text, inner);
	return item;
}

document.getElementById("domain").textContent = boot.domain;
document.getElementById("users").append(...boot.users.map(row));
