// The user's own client in the frame (--client-js): what it can do with us. It stands behind
// worker.js in one script, and C.j is the address of the client.
const ears = {}, nonce = document.currentScript.nonce, was = {say, heard, bundle, down, settled};
const NAME_MAX = 64, DATA_MAX = 16384, WAITING_MAX = 48000, ERROR_MAX = 1000;
// lead: null while only the daemon can tell who leads, for the browser shares nothing among its tabs.
let lead = 0, loaded;

const size = text => new Blob([text]).size;
const waiting = () => size(queue.map(q => q.m).join());
const push = (name, text) => {
	queue.push({n: ++last, m: '{"n":' + last + ',"e":' + S(name) + ',"d":' + text + '}'});
	go();
};
// The console of a hidden frame is a line of the journal, where objects are to be read.
const readable = it => {
	if (it instanceof Error) return it.stack || String(it);
	try { return typeof it == 'object' ? S(it) : it; } catch { return it; }
};
for (const level of ['error', 'warn', 'log']) {
	const old = console[level];
	console[level] = (...parts) => old(...parts.map(readable));
}

// What the ears return, in their order; who listens hears the others' mistakes only in the log.
const fire = (name, data) => (ears[name] || []).map(fn => {
	try { return fn(data); } catch (e) { console.error(e); return Promise.reject(e); }
});
const tell = (name, data) => Promise.allSettled(fire(name, data));
heard = (name, text) => {
	was.heard(name, text);
	let data = null;
	try { data = text ? P(text) : null; } catch { data = text; }
	tell(name, data);
};

// A message of bx-card send is a command that the page of the portal never sees.
C.v.commands.send = 'send';
const refusal = text => S([{result: 'error', errorCode: text}]);
const answer = (data, then) => {
	if (!ears.message) return then(refusal('the client does not listen to messages'));
	Promise.all(fire('message', data)).then(
		all => then(S(all.filter(it => it !== undefined))),
		e => then(refusal(String(e && e.message || e).slice(0, ERROR_MAX))));
};
say = (call, params, then) => {
	if (call !== 'send') return was.say(call, params, then);
	Promise.resolve().then(() => answer(params, then));
	return 1;
};

// Only the goodbye has more: what the client says now that the page is left still travels with it.
bundle = (start, more) => {
	if (more) {
		tell('leave');
		sent = 0;
	}
	return was.bundle(start, ',"l":' + lead + (more || ''));
};
down = text => {
	was.down(text);
	const d = P(text);
	active = 1;
	pause = d.w || 400;
	if (lead === null && d.l !== undefined) leads(!!d.l);
};
const leads = is => {
	if (me.leader === is) return;
	me.leader = is;
	tell('leader', is);
};
// One frame of a browser leads: whoever holds the lock, until its page is gone.
const elect = () => {
	const told = () => { up ? line.send(bundle()) : go(); };
	const unable = () => {
		lead = null;
		told();
	};
	if (!navigator.locks) return unable();
	navigator.locks.request('bx-client ' + C.i, () => {
		lead = 1;
		told();
		leads(true);
		return new Promise(() => {});
	}).catch(unable);
};

Object.assign(me, {
	leader: false,
	on: (name, fn) => { (ears[name] = ears[name] || []).push(fn); },
	call: (verb, value) => new Promise((done, fail) => {
		const keys = C.v.keys[verb];
		if (!keys) return fail(new Error(verb + ' is no command of a card'));
		const named = value === undefined || typeof value == 'object' ? value : {[keys[0]]: value};
		const id = was.say(C.v.commands[verb], named, text => {
			delete asked[id];
			const it = text ? P(text) : [], bad = it[0] || it;
			bad && bad.result === 'error' ? fail(new Error(bad.errorCode)) : done(it);
		});
		if (keys[1]) setTimeout(done, 700);
	}),
	emit: (name, data) => {
		const text = S(data === undefined ? null : data);
		if (!/^[\w.-]+$/.test(name) || name.length > NAME_MAX) throw new Error('an event has letters, digits, _ . and -, not ' + name);
		if (size(text) > DATA_MAX) throw new Error(name + ': more than ' + DATA_MAX + ' bytes');
		if (waiting() + size(text) > WAITING_MAX) throw new Error(name + ': too much waits for the daemon already');
		push('client::' + name, text);
	},
});
Object.defineProperty(me, 'user', {get: () => user});

// The client comes once it is known whose page it is.
const load = () => {
	if (loaded || !me.o || user === undefined || document.readyState !== 'complete') return;
	loaded = document.createElement('script');
	loaded.nonce = nonce;
	loaded.src = C.j;
	loaded.onload = elect;
	loaded.onerror = () => console.error('the client could not be loaded');
	document.head.append(loaded);
};
settled = id => {
	was.settled(id);
	load();
};
on('load', () => setTimeout(() => {
	if (!first()) return;
	active = 1;
	go();
	load();
}));
