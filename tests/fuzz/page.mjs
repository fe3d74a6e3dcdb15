// What worker frames say to the sandbox's page, wilder and wilder: the page's own scripts on Node.
//   page.mjs BOOT SECONDS|0 [SEED]    BOOT: what the sandbox put into a page; 0: a fixed number
// Prints "N inputs"; the seed of a run that found something is told with it.
import assert from "node:assert/strict";
import fs from "node:fs";

const [bootFile, seconds, given] = process.argv.slice(2);
const seed = Number(given ?? Date.now() % 1e9);
const sid = "c0ffee00c0ffee00c0ffee00c0ffee00", origin = "https://app.example.net";

let state = seed * 2654435761 % 4294967296 || 1;
function roll(below) {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) % below;
}
const pick = list => list[roll(list.length)];

let listener;
globalThis.document = { getElementById: () => ({ textContent: fs.readFileSync(bootFile, "utf8") }) };
globalThis.addEventListener = (type, fn) => (listener = fn);
// Every other seed is the desktop application's page.
globalThis.location = { search: seed % 2 ? "?desktop" : "" };
const { Wire } = await import("../../cmd/bx-sandbox/wire.js");
const { cardInterface } = await import("../../cmd/bx-sandbox/commands.js");
const { commands } = await import("../../cmd/bx-sandbox/vocab.js");

const heard = [];
const card = { call: {}, set: values => assert.equal(typeof Object.values(values)[0] !== "undefined", true), enter() {},
	startTimer() {}, stopTimer() {}, close() {} };
const desk = { card };
const iframe = { contentWindow: { postMessage: (text, to) => heard.push([text, to]) } };
new Wire({ sid, handler: `${origin}/worker` }, iframe, new Map(cardInterface(desk)), () => {});

const samples = fs.readdirSync("tests/wire/frame").flatMap(name =>
	fs.readFileSync(`tests/wire/frame/${name}`, "utf8").split("\n"))
	.filter(line => line.startsWith("> ")).map(line => line.slice(2).split("  ")[0].replace(/SID$/, sid));
const names = Object.values(commands).map(row => row.wire);
const odd = ["7", "0", "-1e999", "null", "true", "\"\"", "\"x\"", "[]", "[[]]", "{}", "{\"a\":{}}", "{\"__proto__\":1}",
	"{\"toString\":1,\"valueOf\":1}", ":", "::", "", " ", "\u0000", "\ud800", "{", "[1", "\"", sid, "constructor"];

// A text with a few things done to it.
function wilder(text) {
	for (let times = roll(4); times > 0; times--) {
		const from = roll(text.length + 1), to = from + roll(12);
		text = text.slice(0, from) + pick([odd[roll(odd.length)], text.slice(from, to).repeat(2), ""]) + text.slice(to);
	}
	return text;
}

function value(depth) {
	const plain = [undefined, null, true, 7, NaN, "", "connected", "incoming", wilder(pick(samples))];
	if (!depth || roll(3))
		return pick(plain);
	const keys = Object.values(commands).flatMap(row => [row.key, row.flag]).filter(Boolean).concat("toString", "length");
	return roll(2) ? [value(depth - 1)] : { [pick(keys)]: value(depth - 1), [pick(keys)]: value(depth - 1) };
}

function message() {
	switch (roll(4)) {
	case 0:
		return { method: roll(8) ? pick(names) : wilder(pick(names)), appSid: roll(8) ? sid : value(1),
			callback: roll(8) ? "k" : value(1), params: value(3) };
	case 1:
		return `${pick(names)}:${pick(odd)}:k:${sid}`;
	default:
		return roll(20) ? wilder(pick(samples)) : value(2);
	}
}

// The page may be silent, but where it speaks, it answers whoever asked, and in the form of 12.3.
function tell(data, from) {
	heard.length = 0;
	desk.card = roll(4) ? card : null;
	desk.lastClose = pick(["button", "command", "auto", undefined]);
	listener({ origin: from, data: structuredClone(data) });
	const last = typeof data === "string" ? data.split(":") : [];
	const callback = typeof data === "string" ? last.at(-2) : data?.callback;
	const mine = from === origin && (typeof data === "string" ? last.at(-1) : data?.appSid) === sid;
	for (const [text, to] of heard) {
		assert.ok(mine, "a stranger is not answered");
		assert.equal(to, origin);
		assert.ok(text.startsWith(`${callback}:`), "an answer goes to whoever asked");
		const rest = text.slice(`${callback}:`.length);
		assert.ok(rest === "" || JSON.parse(rest) !== undefined);
	}
	assert.ok(heard.length <= 2);
}

let count = 0, now;
const end = Date.now() + Number(seconds) * 1000;
try {
	while (Number(seconds) ? Date.now() < end : count < 20000)
		tell(now = message(), roll(10) ? origin : pick(["https://evil.example", "null", "http://app.example.net"])), count++;
	tell(now = `${commands.states.wire}::k:${sid}`, origin);
	assert.equal(JSON.parse(heard[0][0].slice(2)).length, 12);
} catch (error) {
	console.error(`seed ${seed}, input ${count}:`, now);
	throw error;
}
console.log(`${count} inputs`);
