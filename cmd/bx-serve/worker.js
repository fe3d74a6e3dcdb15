// The frame on every page of the portal: between the call card and the shell.
// C is written before it by the server: vocabulary v, token t, APP_SID s, portal origin o,
// profile tag i, session tag k, method of the user's own data m, slow load w (ms), our own share d (ms).
// What is let and not const, client.js takes over where the user has a client of his own.
const page = parent, on = addEventListener, S = JSON.stringify, P = JSON.parse, here = new URL('frame', location.href).href,
	asked = {}, ran = new Map(), me = window.bx = {i: C.i};
let asks = 0, logs = 0, last = 0, got = 0, queue = [], replies = [], user, settling, kept = null,
	card, line, up, posting, busy, timer, watch, misses = 0, fails = 0, sent = 0, over, active, pause = 400;

// Nobody can open the console of a hidden frame.
const beacon = more => navigator.sendBeacon(here, S({t: C.t, ...more})),
	log = (k, ...a) => logs++ < 20 && beacon({log: [k, a.join(' ').slice(0, 500)]});
on('error', e => log('error', e.message, e.lineno));
on('unhandledrejection', e => log('error', e.reason));
['error', 'warn', 'log'].map(k => {
	const f = console[k];
	console[k] = (...a) => log(k, ...a) | f(...a);
});

// Frame to page (12.2): COMMAND:[JSON]:[CALLBACK]:APP_SID
let say = (call, params, then) => {
	const id = then ? 'b' + ++asks : '';
	if (then) asked[id] = then;
	page.postMessage(call + ':' + (params ? S(params) : '') + ':' + id + ':' + C.s, C.o);
	return id;
};
// Page to frame (12.3): CALLBACK:[JSON]
on('message', e => {
	if (e.source != page || e.origin != C.o || typeof e.data != 'string') return;
	const cut = e.data.indexOf(':'), then = cut > 0 && asked[e.data.slice(0, cut)];
	if (then) then(e.data.slice(cut + 1));
});
const json = text => {
	try { return text ? (P(text), text) : 'null'; } catch { return S(text); }
};

// Of several frames of ours in one document only the first one speaks.
const first = () => {
	let before = 1;
	for (let n = 0; !me.o && n < page.length; n++) {
		if (page[n] == self) { before = 0; continue; }
		try {
			const it = page[n].bx;
			if (it?.i == C.i && (before || it.o)) return 0;
		} catch {}
	}
	return me.o = 1;
};
let heard = (name, text) => {
	if (!first()) return;
	try { card = P(text).CALL_ID || card; } catch {}
	queue.push({n: ++last, m: '{"n":' + last + ',"e":' + S(name) + ',"d":' + json(text) + '}'});
	active = 1;
	go();
};
for (const name of C.v.events)
	say(C.v.calls.placementBindEvent, {event: C.v.prefix + name}, text => heard(name, text));

// Whose page it is: asked once a session, before the first event leaves.
let settled = id => {
	if (user !== undefined) return;
	user = id || null;
	try { if (id && C.k) sessionStorage.setItem('bx' + C.k, id); } catch {}
	me.p?.();
	active && go();
};
const fresh = then => say(C.v.calls.refreshAuth, 0, text => then(P(text).AUTH_ID)), who = (path, auth, again) => {
	const retry = () => again ? fresh(auth => who(path, auth)) : settled();
	if (!auth) return retry();
	fetch(C.o + path + '/' + C.m, {method: 'POST', body: new URLSearchParams({auth})})
		.then(r => r.json()).then(r => r.result ? settled(r.result.ID) : retry()).catch(() => settled());
}, settle = () => {
	if (settling) return;
	settling = 1;
	let id;
	try { id = sessionStorage.getItem('bx' + C.k); } catch {}
	if (id) return settled(id);
	setTimeout(settled, 4e3);
	say(C.v.calls.getInitData, 0, text => {
		const d = P(text);
		who(d.PATH || '/rest', d.AUTH_ID, 1);
	});
};

// Up: t token, u user, k what we keep, g last command got (at the start of a line); m events, r replies.
let bundle = (start, more) => {
	const events = queue.filter(q => q.n > sent).map(q => q.m);
	return (start ? S({t: C.t, u: user || null, k: kept, g: got}).slice(0, -1) + ',' : '{') +
		'"m":[' + events + '],"r":[' + replies + ']' + (more || '') + '}';
};
// Down: a taken up to, c commands, k to keep, z nothing more to do, t new token.
let down = text => {
	const d = P(text);
	if (d.a) queue = queue.filter(q => q.n > d.a);
	if (d.k !== undefined) kept = d.k;
	if (d.t) C.t = d.t;
	if (d.z) active = 0;
	d.c?.map(run);
};
// A command runs once, however often it comes, for the card it is meant for; its reply is repeated.
const run = c => {
	const answer = () => { replies.push('[' + c.i + ',' + ran.get(c.i) + ']'); go(); };
	if (c.i <= got) return ran.get(c.i) && answer();
	got = c.i;
	ran.set(c.i, '');
	if (ran.size > 99) ran.delete(ran.keys().next().value);
	const op = (!c.w || c.w == card) && C.v.commands[c.o], id = op && say(op, c.p, text => {
		delete asked[id];
		ran.set(c.i, json(text));
		answer();
	});
	if (op) return;
	ran.set(c.i, '[{"result":"error","errorCode":"Call card is undefined"}]');
	answer();
};

const later = (ms, fn) => { clearTimeout(timer); timer = setTimeout(fn, ms); }, lost = () => {
	clearTimeout(watch);
	line = up = 0;
	if (over || !(active || queue.length)) return;
	if (misses > 1) posting = Date.now() + 6e4 * misses;
	later(Math.min(1e4, 200 << Math.min(++fails, 6)) * (.5 + Math.random()), go);
}, hurry = () => {
	const old = line;
	if (!old) return;
	old.onclose = null;
	old.close();
	lost();
}, flush = start => {
	if (!(start || replies.length || queue.some(q => q.n > sent))) return;
	line.send(bundle(start));
	sent = last;
	replies = [];
	const oldest = queue[0];
	clearTimeout(watch);
	watch = setTimeout(() => oldest && queue[0] == oldest && hurry(), 8e3);
};
const open = () => {
	const mine = line = new WebSocket(here.replace(/^http/, 'ws'));
	watch = setTimeout(hurry, 5e3);
	misses++;
	mine.onopen = () => {
		clearTimeout(watch);
		up = 1;
		misses = fails = sent = 0;
		flush(1);
	};
	mine.onmessage = e => down(e.data);
	mine.onclose = e => {
		if (line != mine) return;
		if (e.code == 4403) over = 1;
		line = up = 0;
		e.code == 4401 ? renew() : lost();
	};
};
// Where a network swallows all without a word, a browser waits for minutes.
const post = body => fetch(here, {method: 'POST', body, signal: AbortSignal.timeout?.(8e3)}),
	renew = () => fresh(auth =>
		post(S({t: C.t, auth}))
			.then(r => r.ok ? r.text().then(down).then(lost) : r.status - 403 ? lost() : over = 1, lost));
// Where no WebSocket passes: short posts, never a held one.
const poll = () => {
	if (busy) return busy = 2;
	busy = 1;
	sent = 0;
	const count = replies.length, next = () => {
		const soon = busy > 1;
		busy = 0;
		if (!over && (active || queue.length)) later(soon ? 0 : pause + 200 * Math.random(), go);
	};
	post(bundle(1)).then(r => {
		over = r.status == 403;
		if (r.status == 401) return renew();
		if (r.ok) return r.text().then(text => { replies.splice(0, count); down(text); });
	}).then(next, next);
};
const go = () => {
	if (over) return;
	if (user === undefined) return settle();
	if (posting > Date.now()) return poll();
	if (line) return up && flush();
	clearTimeout(timer);
	open();
};

on('online', () => line ? hurry() : active && go());
on('pageshow', e => e.persisted && active && go());
on('pagehide', () => {
	if (!active) return;
	sent = 0;
	navigator.sendBeacon(here, bundle(1, ',"bye":1'));
});
on('load', () => setTimeout(() => {
	const n = performance.getEntriesByType('navigation')[0], ms = n.loadEventStart;
	if (ms >= C.w || Math.random() < .02) beacon({load: [ms, n.responseEnd, C.d]});
}));
