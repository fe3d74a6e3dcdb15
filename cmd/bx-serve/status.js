// The status page: asks for /status as JSON every two seconds while it is seen, and draws what has
// changed. Whatever comes from outside becomes text, never markup.
const EVERY_MS = 2000;
const $ = id => document.getElementById(id);
const el = (tag, look, ...inside) => {
	const made = document.createElement(tag);
	if (look) made.className = look;
	made.append(...inside.filter(it => it !== null && it !== undefined).map(it => it instanceof Node ? it : String(it)));
	return made;
};
const chip = (look, text) => el('span', 'chip ' + look, text);

// Ages run by themselves, by the server's clock.
let ahead = 0;
const span = seconds => {
	const s = Math.max(0, Math.round(seconds));
	return s < 100 ? s + ' s' : s < 6000 ? Math.round(s / 60) + ' min'
		: s < 172800 ? Math.round(s / 3600) + ' h' : Math.round(s / 86400) + ' d';
};
const since = iso => {
	const made = el('time');
	made.dateTime = made.title = iso;
	made.dataset.since = iso;
	return made;
};
const age = () => {
	for (const it of document.querySelectorAll('[data-since]'))
		it.textContent = span((Date.now() + ahead - Date.parse(it.dataset.since)) / 1000);
};
const clock = iso => {
	const made = el('time', '', iso.slice(11, 19));
	made.dateTime = made.title = iso;
	return made;
};
const many = (n, one) => n + ' ' + one + (n === 1 ? '' : 's');

// A part is drawn anew when what it shows is not the same any more.
const drawn = {};
const draw = (id, shown, fn) => {
	const text = JSON.stringify(shown);
	if (drawn[id] === text) return;
	drawn[id] = text;
	$(id).replaceChildren(...fn(shown));
};
const count = (id, text) => { $(id + '-count').textContent = text; };
const nothing = text => [el('p', 'none', text)];

const figures = s => {
	const shown = [['cards', s.cards], ['frame lines', s.frames]];
	if (s.online) shown.push(['pages open', s.online.reduce((sum, it) => sum + it.pages, 0)]);
	shown.push(['waits', s.waits], ['requests', s.requests], ['last record', s.seq], ['up', span(s.uptime_ms / 1000)]);
	draw('figures', shown, rows => rows.map(([name, value]) => el('div', '', el('dt', '', name),
		el('dd', '', typeof value === 'number' ? value.toLocaleString('en') : value))));
};

const cards = list => {
	count('cards', list.length || '');
	draw('cards', list.map(({age, ...card}) => card), all => all.length ? all.map(card => {
		const flags = ['mute', 'hold', 'timer'].filter(name => card[name]).map(name => chip('live', name));
		const state = card.own === false ? chip('', 'foreign') : chip('live', card.state || 'as shown');
		return el('article', card.own === false ? 'card foreign' : 'card',
			el('h3', '', el('span', '', card.title || 'no title set'), state),
			card.status && el('p', '', card.status),
			el('p', 'mono soft', card.CALL_ID),
			el('p', 'row', el('span', '', 'user ' + card.user), el('span', '', card.portal),
				el('span', '', many(card.frames.length, 'frame')), since(card.since), ...flags));
	}) : nothing('No card is open.'));
};

const HEALING = {restored: 'warn', kept: 'good', present: 'good', disabled: 'bad', waiting: 'warn', lost: 'bad', removed: 'bad'};
const worker = portal => {
	const healing = portal.healing;
	if (healing && HEALING[healing.state] !== 'good')
		return [chip(HEALING[healing.state] || '', healing.state), ' ', since(healing.since), ' ago',
			healing.reason ? ': ' + healing.reason : ''];
	if (portal.page) return [chip('good', 'bound'), ' a page loaded it ', since(portal.page), ' ago'];
	return healing ? [chip('good', 'bound'), ' looked after ', since(healing.since), ' ago']
		: [chip('', 'not seen yet'), ' no page since the start'];
};
const token = portal => {
	if (!portal.token_expires) return ['none'];
	const left = (Date.parse(portal.token_expires) - Date.now() - ahead) / 1000;
	return left > 0 ? ['good for ' + span(left)] : ['ran out ', since(portal.token_expires), ' ago, renewed at the next use'];
};
const pips = slow => {
	const today = slow ? slow.today : 0, budget = slow ? slow.budget : 10;
	const row = el('span', 'pips ' + (today > 2 ? 'bad' : 'warn'));
	for (let n = 0; n < budget; n++) row.append(el('i', n < today ? 'used' : ''));
	return [row, slow ? today + ' of ' + budget + ', until ' + slow.until.slice(5, 16).replace('T', ' ')
		: 'none in the portal\'s day'];
};
const app = {installed: 'good', waiting: 'warn', removed: 'bad'};
const portal = it => {
	const head = el('h3', '', it.portal, el('span', 'soft', it.domain),
		it.webhook ? chip('', 'webhook') : chip(app[it.app] || '', it.app));
	if (it.webhook) return el('div', 'portal', head);
	const rows = [['worker', worker(it)], ['slow loads', pips(it.slow)], ['token', token(it)]];
	return el('div', 'portal', head, el('dl', '',
		...rows.flatMap(([name, inside]) => [el('dt', '', name), el('dd', '', ...inside)])));
};
const portals = (list, all, now) => {
	count('portals', all > list.length ? list.length + ' of ' + all : all || '');
	draw('portals', [list, Math.floor(now / 60000)], ([known]) => known.length ? known.map(portal)
		: nothing('No profile is known: bx-auth add makes one.'));
};

const bound = ms => ms === null ? 'more' : ms < 1000 ? ms : ms / 1000 + ' s';
const loads = it => {
	const total = it.buckets.reduce((sum, b) => sum + b.count, 0), most = Math.max(1, ...it.buckets.map(b => b.count));
	const told = many(total, 'load') + ' told';
	count('loads', told);
	draw('bars', it.buckets, buckets => buckets.map(b => {
		const over = b.le === null, look = over ? 'over bad' : b.le > it.slow_ms ? 'bad' : b.le > it.slow_ms / 2 ? 'warn' : '';
		const bar = el('i');
		bar.style.height = 100 * b.count / most + '%';
		return el('div', 'bar ' + look + (b.count ? '' : ' empty'), b.count || '', bar, el('span', 'le', bound(b.le)));
	}));
	$('bars').setAttribute('aria-label', told);
	const parts = ['network', 'server', 'browser'].map(name => name + ' ' + (total ? Math.round(it[name + '_ms'] / total) : 0) + ' ms');
	$('loads-note').textContent = 'Told by the frames, slow ones and a sample of the rest. On average ' + parts.join(', ') +
		'. Slow (' + it.slow_ms / 1000 + ' s or more) since the start: ' + it.slow +
		'. Dashed: the portal\'s ' + it.limit_ms / 1000 + ' seconds.';
};

const online = list => {
	$('online-part').hidden = !list;
	if (!list) return;
	count('online', many(list.length, 'employee'));
	draw('online', list, all => all.length ? all.map(it => el('li', '',
		chip('live', 'user ' + it.user + ' · ' + it.portal + ' · ' + many(it.pages, 'page')))) : [el('li', 'none', 'Nobody has told of a page.')]);
};

let newest = 0;
const events = (list, last) => {
	count('events', list.length ? 'of ' + last.toLocaleString('en') : '');
	draw('events', list, all => all.length ? all.map(it => {
		const look = [it.own === false ? 'foreign' : '', newest && it.seq > newest ? 'fresh' : ''].join(' ').trim();
		return el('li', look, clock(it.time), el('span', it.source === 'serve' ? 'what serve' : 'what', it.event),
			el('span', 'where', it.portal || '', it.user ? ', user ' + it.user : ''),
			el('span', 'data mono', it.CALL_ID && el('span', 'soft', it.CALL_ID + ' '), it.data || ''));
	}) : [el('li', 'none', 'Nothing has happened yet.')]);
	newest = list.length ? list[0].seq : 0;
};

const show = s => {
	const now = Date.parse(s.time);
	ahead = now - Date.now();
	$('url').textContent = s.public_url;
	figures(s);
	cards(s.open_cards);
	portals(s.health, s.portals, now);
	loads(s.loads);
	online(s.online);
	events(s.events, s.seq);
	age();
	well(s.journal_failing ? 'bad' : s.draining ? 'warn' : 'good',
		s.journal_failing ? 'the journal cannot be written' : s.draining ? 'draining' : 'ready');
};
const well = (look, text) => {
	$('health').className = 'chip ' + look;
	$('health').textContent = text;
};

let timer;
const ask = () => {
	clearTimeout(timer);
	if (document.hidden) return;
	fetch('status', {headers: {Accept: 'application/json'}, cache: 'no-store'}).then(r => r.json()).then(show)
		.catch(() => well('bad', 'no answer'))
		.then(() => { timer = setTimeout(ask, EVERY_MS); });
};
document.addEventListener('visibilitychange', ask);
setInterval(age, 1000);
ask();
