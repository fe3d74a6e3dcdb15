// What the sandbox put into this page: the vocabulary and the employee's data.
export const boot = JSON.parse(document.getElementById("boot").textContent);

export const query = new URLSearchParams(location.search);

// The readings of the protocol that a page's own address may choose: ?desktop (13.8),
// ?quality=off (13.5), ?flag=stay (the card flag outlives a page that is left, 13.1), ?title=late
// (the page's own title comes after an early one, 13.3), ?crm=again (a new CRM object enters the
// state again, 13.9), ?target=text (all targets of a transfer are texts, 13.7), ?panels=telephony
// (side panels opened here carry telephony code, 13.1), ?noconfirm. With ?clock=still the page's
// clock moves by the sandbox's orders alone.
export const options = {
	...boot.options,
	desktop: query.has("desktop"),
	quality: query.get("quality") !== "off",
	titleLate: query.get("title") === "late",
	entersAgain: query.get("crm") === "again",
	flagStays: query.get("flag") === "stay",
	still: query.get("clock") === "still",
	textTargets: query.get("target") === "text",
	panels: query.get("panels") === "telephony" ? { telephony: 1 } : {},
	confirm: !query.has("noconfirm"),
};
